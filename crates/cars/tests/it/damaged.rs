//! The readers of configs, journals and checkpoints on damaged and random bytes.

use rand::RngExt;
use random::{Purpose, stream};

use crate::bytes::{check_file, check_text};
use crate::sample;
use cars::config::{Checked as _, Config, Layers, Text};
use cars::event::Event;

#[test]
fn the_seeds_of_the_fuzzer_are_good() {
    let text = include_str!("../../fuzz/seeds/text/config.toml");
    Layers::<Config>::new(Some(Text { name: "config.toml", text }), &[]).and_then(Layers::check).unwrap();
    Event::from_line(include_str!("../../fuzz/seeds/text/journal-line")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    check_file(folder.path(), include_bytes!("../../fuzz/seeds/files/config"));
    check_file(folder.path(), include_bytes!("../../fuzz/seeds/files/journal"));
}

#[test]
fn damaged_texts_are_read_or_refused() {
    let config = sample::config().to_toml();
    let events = [sample::started().to_line(), sample::epoch(1).to_line()];
    for (number, text) in std::iter::once(&config).chain(&events).enumerate() {
        check_text(text.as_bytes());
        let mut rng = stream(1, Purpose::Test, 1, number as u64);
        for _ in 0..150 {
            let mut bytes = text.clone().into_bytes();
            let at = rng.random_range(0..bytes.len());
            match rng.random_range(0..3) {
                0 => bytes[at] ^= 1 << rng.random_range(0..8),
                1 => bytes.truncate(at),
                _ => bytes.splice(at..at, text.bytes().skip(at / 2).take(9)).for_each(drop),
            }
            check_text(&bytes);
        }
    }
}

#[test]
fn random_files_never_stop_a_run_from_saying_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = stream(1, Purpose::Test, 2, 0);
    for case in 0..60_u8 {
        let mut bytes = vec![0; rng.random_range(1..200)];
        rng.fill(&mut bytes[..]);
        bytes[0] = case;
        check_file(folder.path(), &bytes);
    }
}
