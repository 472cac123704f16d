//! The frame that every report has: head and title, the stage of the run, warnings, and its config. What stands between comes
//! from the callers.

use std::fmt::Write as _;

use super::history::{History, Stage};
use super::text::escape;

const STYLE: &str = include_str!("style.css");

/// A page up to its title, which `about` continues in a few words, as markup.
pub(super) fn open(name: &str, about: &str, history: &History<'_>) -> String {
    let name = escape(name);
    let mut page = String::from(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\n",
    );
    if history.stage == Stage::Running {
        page.push_str("<meta http-equiv=refresh content=30>\n");
    }
    // Writing to a string cannot fail.
    let _ = writeln!(page, "<title>{name} · cars</title>\n<style>\n{STYLE}</style>\n<main>");
    let (class, stage) = match history.stage {
        Stage::Running => ("running", "running"),
        Stage::Interrupted => ("interrupted", "interrupted"),
        Stage::Finished => ("finished", "finished"),
    };
    let _ = write!(page, "<header><h1>{name}</h1><span class=\"stage {class}\">{stage}</span><p>{about}");
    match history.resumptions {
        0 => {}
        1 => page.push_str(" · resumed once"),
        times => _ = write!(page, " · resumed {times} times"),
    }
    page + "</p></header>\n"
}

/// Names and values in large letters.
pub(super) fn tiles(page: &mut String, tiles: &[(&str, String)]) {
    page.push_str("<dl class=tiles>");
    for (name, value) in tiles {
        let _ = write!(page, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    page.push_str("</dl>\n");
}

/// The rest of a page: warnings, config, end.
pub(super) fn close(mut page: String, warnings: &[&str], digest: &str, config: &str) -> String {
    if !warnings.is_empty() {
        page.push_str("<section><h2>Warnings</h2><ul>");
        for warning in warnings {
            let _ = write!(page, "<li>{}</li>", escape(warning));
        }
        page.push_str("</ul></section>\n");
    }
    let _ = writeln!(
        page,
        "<section><details><summary>Config {digest}</summary><pre>{}</pre></details></section>",
        escape(config)
    );
    page + "</main>\n</html>\n"
}
