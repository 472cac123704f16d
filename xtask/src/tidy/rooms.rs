//! Rule: printing, files, clocks, environment, network and machine facts stay in their rooms.
//! Test code is exempt; clippy.toml holds the bans that need types to be known.

use super::Finding;
use super::source::{Kind, Source, has_token};

/// One way to touch the world, the spellings that betray it, and the rooms where it is at home.
struct Door {
    what: &'static str,
    tokens: &'static [&'static str],
    /// Path prefixes.
    rooms: &'static [&'static str],
    remedy: &'static str,
}

/// Rooms with every door open: they are programs or drive programs.
const OPEN_HOUSE: &[&str] = &["crates/cli/", "xtask/", "tests/", "benches/", "examples/"];

const DOORS: &[Door] = &[
    Door {
        what: "printing",
        tokens: &["println!", "print!", "eprintln!", "eprint!", "dbg!", "stdout()", "stderr()"],
        rooms: &["crates/cars/src/observe"],
        remedy: "tell an observer, or return the text",
    },
    Door {
        what: "files",
        tokens: &[
            "std::fs",
            "fs::",
            "File::",
            "OpenOptions",
            "tempfile",
            ".exists()",
            ".is_file()",
            ".is_dir()",
            ".read_dir()",
            ".canonicalize()",
            "safetensors::save",
            "safetensors::load",
            "serialize_to_file",
        ],
        rooms: &["crates/datasets/src/", "crates/cars/src/run_dir", "crates/kernels/src/cuda/cache.rs"],
        remedy: "take bytes or a reader, and leave files to cars::run_dir, datasets, the cache of kernels or the cli",
    },
    Door {
        what: "the clock",
        tokens: &["Instant", "SystemTime", "Zoned::now", "Timestamp::now"],
        rooms: &["crates/cars/src/clock.rs", "crates/cars/src/observe"],
        remedy: "results must not depend on time; observers read it through cars::clock",
    },
    Door {
        what: "the environment",
        tokens: &["std::env", "env::"],
        rooms: &[],
        remedy: "take the value as an argument; the cli reads the environment",
    },
    Door {
        what: "the network",
        tokens: &["std::net", "TcpStream", "TcpListener", "UdpSocket", "ureq"],
        rooms: &["crates/datasets/src/fetch"],
        remedy: "only `fetch` in datasets may fetch",
    },
    Door {
        what: "facts of the machine",
        tokens: &["available_parallelism", "current_num_threads", "is_x86_feature_detected!"],
        rooms: &["crates/datasets/src/folder.rs", "crates/kernels/src/", "crates/pareto/src/simd/x86.rs"],
        remedy: "results must not depend on threads or processor; work in fixed chunks",
    },
];

pub(super) fn check(source: &Source) -> Vec<Finding> {
    if source.kind != Kind::Program || is_in(&source.path, OPEN_HOUSE) || is_program(&source.path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for door in DOORS.iter().filter(|door| !is_in(&source.path, door.rooms)) {
        for line in source.lines.iter().filter(|line| !line.is_test) {
            if let Some(token) = door.tokens.iter().find(|token| has_token(&line.code, token)) {
                let message = format!("`{token}`: {} has no place in this room; {}", door.what, door.remedy);
                findings.push(Finding::error(&source.path, line.number, message));
            }
        }
    }
    findings
}

fn is_in(path: &str, rooms: &[&str]) -> bool {
    rooms.iter().any(|room| path.starts_with(room))
}

/// Examples, benchmarks, fuzz targets and build scripts of a crate are programs of their own.
fn is_program(path: &str) -> bool {
    path.contains("/examples/")
        || path.contains("/fuzz/")
        || path.contains("/benches/")
        || path.ends_with("/build.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let source = Source::new(path, text, Kind::Program);
        check(&source).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn each_door_is_closed_in_a_library_and_open_in_its_room() {
        for (text, room) in [
            ("eprintln!(\"x\");", "crates/cars/src/observe/console.rs"),
            ("use std::{fs, io}; fs::read(x);", "crates/datasets/src/cifar.rs"),
            ("let f = File::open(x);", "crates/cars/src/run_dir/atomic.rs"),
            ("let t = Instant::now();", "crates/cars/src/clock.rs"),
            ("let t = Instant::now();", "crates/cars/src/observe.rs"),
            ("TcpStream::connect(x);", "crates/datasets/src/fetch.rs"),
            ("is_x86_feature_detected!(\"avx2\");", "crates/kernels/src/cpu.rs"),
        ] {
            assert_eq!(lines("crates/space/src/plan.rs", text), [1], "{text}");
            assert_eq!(lines(room, text), [0; 0], "{text}");
            assert_eq!(lines("crates/cli/src/main.rs", text), [0; 0], "{text}");
        }
        assert_eq!(lines("crates/cars/src/run.rs", "std::env::var(\"X\")"), [1]);
    }

    #[test]
    fn tests_comments_strings_and_compile_time_macros_are_free() {
        let text = "// println!\nconst A: &str = \"std::fs\";\nconst B: &str = env!(\"CARGO_MANIFEST_DIR\");\n\
                    #[cfg(test)]\nmod tests { fn f() { println!(); } }\n";
        assert_eq!(lines("crates/space/src/plan.rs", text), [0; 0]);
        assert_eq!(lines("crates/space/tests/it/main.rs", "fn f() { std::fs::read(x); }"), [0; 0]);
        assert_eq!(lines("crates/pareto/examples/sort.rs", "fn main() { println!(); }"), [0; 0]);
        assert_eq!(lines("examples/sort.rs", "fn main() { println!(); }"), [0; 0]);
    }
}
