//! The readers of genotypes on damaged texts: each known network with every byte changed and cut everywhere, and nonsense.

use proptest::prelude::*;
use space::{Genotype, NasBench201Cell, named};

use crate::bytes::check;

#[test]
fn the_seeds_of_the_fuzzer_are_good() {
    include_str!("../../fuzz/seeds/genotype/darts").parse::<Genotype>().unwrap().check().unwrap();
    include_str!("../../fuzz/seeds/genotype/nas-bench-201").parse::<NasBench201Cell>().unwrap();
}

#[test]
fn damaged_networks_are_read_or_refused() {
    for network in named::all().iter().take(3) {
        let text = network.genotype.to_string();
        let cell = "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|";
        for text in [text.as_str(), cell] {
            for at in 0..text.len() {
                let mut bytes = text.as_bytes().to_vec();
                for change in [1, 2, 16, 128] {
                    bytes[at] = text.as_bytes()[at] ^ change;
                    check(&bytes);
                }
                check(&text.as_bytes()[..at]);
                check(&[&text.as_bytes()[..at], &text.as_bytes()[at / 2..]].concat());
            }
        }
    }
}

proptest! {
    #[test]
    fn nonsense_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[Genotype(normal=\\[\\]0-9_, ]{0,80}") {
        check(&bytes);
        check(text.as_bytes());
    }
}
