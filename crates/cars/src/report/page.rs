//! The frame that every report has: head and title, the stage of the run, warnings, and its config. What stands between comes
//! from the callers.

use std::fmt::Write as _;

use serde::Serialize;

use crate::observe::TimeLeft;

use super::history::{History, Stage};
use super::kept::WARNINGS;
use super::text::escape;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str =
    concat!(include_str!("page/page.js"), include_str!("page/search.js"), include_str!("page/news.js"));

/// Nothing is loaded from anywhere: the browser itself refuses.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Seconds after which the page of a running search is looked at anew.
const REFRESH: u32 = 30;

/// A page up to its title, which `about` continues in a few words, as markup. `left` is the time a running run will take.
pub(super) fn open(name: &str, about: &str, history: &History<'_>, left: Option<TimeLeft>) -> String {
    let running = history.stage == Stage::Running;
    let (class, stage) = match history.stage {
        Stage::Running => ("running", "running"),
        Stage::Interrupted => ("interrupted", "interrupted"),
        Stage::Finished => ("finished", "finished"),
    };
    let mut about = about.to_owned();
    match history.resumptions {
        0 => {}
        1 => about.push_str(" · resumed once"),
        // Writing to a string cannot fail.
        times => _ = write!(about, " · resumed {times} times"),
    }
    let stage = format!("<span class=\"stage {class}\">{stage}</span>");
    let mut page = head(name, &stage, &about, running.then_some(REFRESH));
    if running {
        progress(&mut page, history, left);
    }
    page
}

/// A page up to its title and what stands beneath, as markup; made anew by the browser after some seconds, if wished for.
pub(super) fn head(name: &str, stage: &str, about: &str, refresh: Option<u32>) -> String {
    let name = escape(name);
    let mut page = format!(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\n\
         <meta http-equiv=Content-Security-Policy content=\"{POLICY}\">\n<meta name=generator content=cars>\n"
    );
    // The script waits while somebody reads a cell, and keeps what is selected; without it, the browser does what it can.
    if let Some(seconds) = refresh {
        let _ = writeln!(page, "<noscript><meta http-equiv=refresh content={seconds}></noscript>");
    }
    let refresh = refresh.map_or_else(String::new, |seconds| format!(" data-refresh={seconds}"));
    let _ = writeln!(
        page,
        "<title>{name} · cars</title>\n<style>\n{STYLE}</style>\n<main{refresh}>\n<header><h1>{name}</h1>{stage}\
         <div class=controls id=controls hidden><button id=live hidden></button><button id=theme></button></div>\
         <p>{about}</p></header>"
    );
    page
}

/// How far a running run is, and how long it will take.
fn progress(page: &mut String, history: &History<'_>, left: Option<TimeLeft>) {
    let Some(work) = history.work() else { return };
    let done = history.epochs.last().map_or(0, |epoch| epoch.epoch);
    let _ = write!(
        page,
        "<div class=progress><progress max={0} value={done} aria-label=\"Epochs\"></progress><p>epoch {done} of {0}",
        work.epochs
    );
    if let Some(left) = left {
        let seconds = left.0.as_secs_f64().round();
        let _ = write!(page, " · <span id=left data-seconds={seconds}>about {left} left</span>");
    }
    page.push_str(" <span class=alarm id=silent hidden></span></p></div>\n");
}

/// Names and values in large letters.
pub(super) fn tiles(page: &mut String, tiles: &[(&str, String)]) {
    page.push_str("<dl class=tiles>");
    for (name, value) in tiles {
        let _ = write!(page, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    page.push_str("</dl>\n");
}

/// Warnings and config.
pub(super) fn notes(page: &mut String, warnings: &[&str], digest: &str, config: &str) {
    if !warnings.is_empty() {
        page.push_str("<section><h2>Warnings</h2><ul>");
        let earlier = warnings.len().saturating_sub(WARNINGS);
        if earlier > 0 {
            let _ = write!(page, "<li>{earlier} earlier ones are in journal.jsonl</li>");
        }
        for warning in &warnings[earlier..] {
            let _ = write!(page, "<li>{}</li>", escape(warning));
        }
        page.push_str("</ul></section>\n");
    }
    let _ = writeln!(
        page,
        "<section><details><summary>Config {digest}</summary><pre>{}</pre></details></section>",
        escape(config)
    );
}

/// The end of a page: what its script shows, and the script.
pub(super) fn close<D: Serialize>(mut page: String, data: &D) -> String {
    let json = match serde_json::to_string(data) {
        // The only way out of a script element is `</`; JSON knows another spelling of `<`.
        Ok(json) => json.replace('<', "\\u003c"),
        Err(error) => unreachable!("what a page shows is no JSON: {error}"),
    };
    let _ = writeln!(
        page,
        "</main>\n<div id=tip aria-hidden=true hidden></div>\n\
         <dialog id=network aria-labelledby=network-name><div class=inside>\
         <h3 id=network-name></h3><div class=controls><button id=smaller aria-label=\"smaller network\">←</button>\
         <button id=larger aria-label=\"larger network\">→</button><button id=shut aria-label=close>×</button></div>\
         <dl id=network-figures></dl><div id=network-cells></div></div></dialog>\n\
         <script type=\"application/json\" id=data>{json}</script>\n<script>\n{SCRIPT}</script>\n</html>"
    );
    page
}
