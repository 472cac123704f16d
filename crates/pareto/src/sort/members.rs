//! A chunk of rows by descending rank, made to answer one question fast: which of them may dominate a given row? A table
//! holds per objective and level the set of members that are no higher, so the answer is the intersection of one set for
//! each objective (after rank intersection, Burlacu 2022, arXiv 2203.13654).

use crate::simd::{SET, Unit};

/// Most members of a chunk.
pub(super) const CHUNK: usize = 512;
/// Levels of an objective.
const LEVELS: usize = 256;

/// A bit for each member of a chunk.
pub(super) type MemberSet = [u64; CHUNK / SET];

/// The levels of 64 rows, objective by objective.
pub(super) type LevelsOf64<'a> = &'a [[u8; SET]];

/// The table of a chunk, kept from chunk to chunk.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    /// Per objective and level, the set of members that are at this level or lower.
    table: Vec<MemberSet>,
}

impl Members {
    /// Takes up to `CHUNK` members; `levels` tells those of the 64 rows that hold row `i`.
    #[inline(always)]
    pub(super) fn fill<'a>(
        &mut self,
        members: &[u32],
        width: usize,
        levels: impl Fn(usize) -> LevelsOf64<'a>,
    ) {
        self.table.resize(LEVELS * width, MemberSet::default());
        let table = &mut self.table[..LEVELS * width];
        table.fill(MemberSet::default());
        for (member, &i) in members.iter().enumerate() {
            let lane = i as usize % SET;
            for (objective, levels) in table.chunks_exact_mut(LEVELS).zip(levels(i as usize)) {
                objective[usize::from(levels[lane])][member / SET % (CHUNK / SET)] |= 1 << (member % SET);
            }
        }
        for objective in table.chunks_exact_mut(LEVELS) {
            let mut members = MemberSet::default();
            for set in objective {
                for (word, members) in set.iter_mut().zip(&mut members) {
                    *members |= *word;
                    *word = *members;
                }
            }
        }
    }

    /// The members that may dominate row `i`, given its levels, and which words of that set are not 0.
    #[inline(always)]
    pub(super) fn below<U: Unit>(&self, i: usize, levels: LevelsOf64<'_>) -> (MemberSet, u8) {
        let lane = i % SET;
        let objectives = self.table.chunks_exact(LEVELS).zip(levels);
        U::meet(objectives.map(|(objective, levels)| &objective[usize::from(levels[lane])]))
    }
}
