//! What stands around the payload of a checkpoint: magic number, version, length and SHA-256, so that a file that was
//! cut, changed or written by another version of the program is told apart from a good one. What is inside is not looked at.

use sha2::{Digest, Sha256};

use super::Fault;

/// The version of the state files this program writes and reads.
const VERSION: u32 = 2;

const MAGIC: &[u8; 8] = b"CARSCKPT";
const HEADER: usize = 8 + 4 + 8 + 32;

/// The payload with its header.
pub(super) fn seal(payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((payload.len() as u64).to_le_bytes());
    let sum = sum(&bytes[8..], payload);
    bytes.extend(sum);
    bytes.extend(payload);
    bytes
}

/// The payload, if the file is whole and of a version this program reads.
pub(super) fn open(bytes: &[u8]) -> Result<&[u8], Fault> {
    let truncated = |expected| Fault::Length { expected, found: bytes.len() as u64 };
    if bytes.len() < HEADER {
        let beginning = &MAGIC[..MAGIC.len().min(bytes.len())];
        return Err(if bytes.starts_with(beginning) {
            truncated(HEADER as u64)
        } else {
            Fault::NotACheckpoint
        });
    }
    let (magic, rest) = bytes.split_at(8);
    let (facts, rest) = rest.split_at(12);
    let (stored, payload) = rest.split_at(32);
    let (version, length) = facts.split_at(4);
    if magic != MAGIC {
        return Err(Fault::NotACheckpoint);
    }
    let found = u32::from_le_bytes(version.try_into().unwrap_or_default());
    if found != VERSION {
        return Err(Fault::Version { found, known: VERSION });
    }
    let length = u64::from_le_bytes(length.try_into().unwrap_or_default());
    if length != payload.len() as u64 {
        return Err(truncated(length.saturating_add(HEADER as u64)));
    }
    if sum(facts, payload) == stored { Ok(payload) } else { Err(Fault::Damaged) }
}

/// The checksum of a file: over version, length and payload.
fn sum(facts: &[u8], payload: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(facts).chain_update(payload).finalize().into()
}

/// The SHA-256 of some bytes.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_flipped_bit_and_any_other_length_is_noticed() {
        let sealed = seal(b"population");
        assert_eq!(open(&sealed), Ok(&b"population"[..]));
        for bit in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&damaged).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(matches!(open(&sealed[..length]), Err(Fault::Length { .. })), "length {length}");
        }
        let longer = [&sealed[..], b"x"].concat();
        assert_eq!(open(&longer), Err(Fault::Length { expected: 62, found: 63 }));
    }

    #[test]
    fn another_version_and_another_file_are_named() {
        let mut newer = seal(b"x");
        newer[8] = 3;
        assert_eq!(open(&newer), Err(Fault::Version { found: 3, known: 2 }));
        assert_eq!(open(b"PK\x03\x04"), Err(Fault::NotACheckpoint));
        assert_eq!(open(&[0; 100]), Err(Fault::NotACheckpoint));
    }
}
