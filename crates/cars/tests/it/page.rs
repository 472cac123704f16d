//! What a person meets who opens the report: everything by pointer and by keyboard, light and dark, on a phone, without a
//! script, and never a word to a network. In a real browser; skipped where there is none.

use std::path::PathBuf;

use cars::event::{Event, Latency, Measured};
use cars::report::html;
use tempfile::TempDir;

use crate::browser::Browser;
use crate::sample;

/// Two generations whose fronts have three networks and then two, on latency too.
fn generations() -> Vec<Event> {
    let mut events = vec![sample::started()];
    for number in 1..=2 {
        let Event::Generation(mut generation) = sample::generation(number) else { unreachable!() };
        for (index, individual) in generation.individuals.iter_mut().enumerate() {
            individual.latency = Some(latency(index));
        }
        if number == 1 {
            generation.front = vec![0, 3, 4];
        }
        events.extend([sample::epoch(2 * number), Event::Generation(generation)]);
    }
    events
}

fn latency(index: usize) -> Latency {
    let predicted_ms = 1.0 + index as f64;
    Latency {
        predicted_ms,
        interval_ms: Some([0.9 * predicted_ms, 1.1 * predicted_ms]),
        interpolated_layers: 0,
        measured_ms: Some(1.05 * predicted_ms),
        spread_ms: Some(0.02),
    }
}

fn finished() -> Vec<Event> {
    let networks = vec![(3, latency(3)), (4, latency(4))];
    let mut events = generations();
    events.extend([Event::Measured(Measured { networks, kendall: None }), sample::finished()]);
    events
}

/// A file with the report.
fn report(events: &[Event]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    std::fs::write(&file, html(&sample::config(), events)).unwrap();
    (folder, file)
}

/// The places of the points and the texts of the rows.
const SEEN: &str = "JSON.stringify([[...document.querySelectorAll('.scatter a')].map(link => [link.dataset.network, \
    link.getAttribute('href'), link.querySelector('circle').getAttribute('cx'), link.querySelector('circle').getAttribute('cy')]), \
    [...document.querySelectorAll('.scatter .number')].map(text => [text.textContent, text.getAttribute('x'), text.getAttribute('y')]), \
    [...document.querySelectorAll('#front tbody tr')].map(row => row.outerHTML.replace(/ tabindex=\"[^\"]*\"| class=\"hot\"/g, '')), \
    [...document.querySelectorAll('.border,.bar')].map(path => path.getAttribute('d')), \
    [...document.querySelectorAll('#operations tr')].map(row => row.textContent), \
    document.getElementById('summary').textContent])";

/// Nothing went wrong, and nothing but the file was asked for.
pub(crate) fn assert_quiet(browser: &Browser) {
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);
    let foreign: Vec<_> =
        browser.requested.iter().filter(|address| !address.starts_with("file://")).collect();
    assert!(foreign.is_empty() && !browser.requested.is_empty(), "{foreign:?}");
}

#[test]
fn the_slider_goes_through_the_generations() {
    let Some(mut browser) = Browser::start() else { return };
    let (_folder, file) = report(&finished());
    browser.call("Emulation.setScriptExecutionDisabled", serde_json::json!({"value": true}));
    browser.open(&file);
    let written = browser.text(SEEN);
    browser.call("Emulation.setScriptExecutionDisabled", serde_json::json!({"value": false}));
    browser.open(&file);
    assert_eq!(browser.text(SEEN), written, "the script draws what the page has");

    browser.value("document.getElementById('slider').focus()");
    browser.key("Home", 36);
    assert_eq!(browser.text("document.getElementById('number').textContent"), "1");
    assert_eq!(browser.value("document.querySelectorAll('#front tbody tr').length"), 3);
    assert_eq!(browser.value("document.querySelectorAll('#by-parameters .now a').length"), 3);
    assert!(browser.text("document.getElementById('summary').textContent").contains("hypervolume 0.3400"));
    assert_eq!(
        browser.text("document.getElementById('slider').getAttribute('aria-valuetext')"),
        "generation 1"
    );
    assert!(
        browser.is("getComputedStyle(document.querySelector('[data-generation=\"1\"]')).display === 'none'")
    );
    assert_ne!(browser.text(SEEN), written);
    browser.key("ArrowRight", 39);
    assert_eq!(browser.text(SEEN), written, "and the way back leads to the same");
    assert_quiet(&browser);
}

pub(crate) const TIP: &str =
    "document.getElementById('tip').hidden ? '' : document.getElementById('tip').textContent";
const OPEN: &str = "document.getElementById('network').open";
const NAME: &str = "document.getElementById('network-name').textContent";

#[test]
fn a_pointer_finds_figures_and_cells() {
    let Some(mut browser) = Browser::start() else { return };
    let (_folder, file) = report(&finished());
    browser.open(&file);
    browser.point_at("#by-parameters .now a:nth-of-type(2) circle");
    let told = browser.text(TIP);
    for part in ["54.0 %", "Parameters", "Multiply-adds", "Predicted ms", "Origin"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(browser.is("document.querySelector('#front tr:nth-child(2)').classList.contains('hot')"));
    browser.pointer("mouseMoved", 2.0, 2.0);
    assert_eq!(browser.text(TIP), "");

    browser.click("#by-parameters .now a:nth-of-type(1) circle");
    assert!(browser.is(OPEN) && browser.text(NAME).starts_with("1 53.0 %"));
    assert_eq!(browser.value("document.querySelectorAll('#network-cells svg.cell').length"), 2);
    browser.click("#larger");
    assert!(browser.text(NAME).starts_with("2 54.0 %"));
    assert!(browser.is("document.getElementById('larger').disabled"));
    browser.click("#shut");
    assert!(!browser.is(OPEN));

    // A network of an earlier front, which the page shows nowhere else.
    browser.value("document.getElementById('slider').focus()");
    browser.key("Home", 36);
    browser.click("#front tbody tr:nth-child(2) td:nth-child(3)");
    assert!(browser.is(OPEN) && browser.text(NAME).contains("generation 1"));
    assert_eq!(browser.value("document.querySelectorAll('#network-cells svg.cell').length"), 2);
    browser.key("Escape", 27);
    browser.click("#fit a:nth-of-type(2) circle");
    assert!(browser.text(NAME).contains("54.0 % generation 2"), "measured networks are of the last front");
    assert_quiet(&browser);
}

#[test]
fn a_keyboard_is_enough() {
    let Some(mut browser) = Browser::start() else { return };
    let (_folder, file) = report(&finished());
    browser.open(&file);
    browser.value("document.getElementById('slider').focus()");
    browser.key("Tab", 9);
    let focused = "document.activeElement.dataset.network";
    assert_eq!(browser.text(focused), "3");
    assert!(browser.text(TIP).contains("53.0 %"), "the focus tells what the pointer tells");
    let width = "getComputedStyle(document.activeElement.querySelector('circle')).strokeWidth";
    assert_eq!(browser.text(width), "3px", "the focus is seen");
    browser.key("ArrowRight", 39);
    assert_eq!(browser.text(focused), "4");
    browser.key("Enter", 13);
    assert!(browser.is(OPEN) && browser.text(NAME).starts_with("2 54.0 %"));
    browser.key("ArrowLeft", 37);
    assert!(browser.text(NAME).starts_with("1 53.0 %"));
    browser.key("Escape", 27);
    assert!(!browser.is(OPEN));
    assert_eq!(browser.text(focused), "4", "the focus is where it was");
    browser.key("Tab", 9);
    assert!(browser.is("document.activeElement.closest('#front') !== null"), "one stop a chart");
    browser.key("Enter", 13);
    assert!(browser.is(OPEN));
    assert_quiet(&browser);
}

#[test]
fn it_is_light_or_dark() {
    let Some(mut browser) = Browser::start() else { return };
    let (_folder, file) = report(&finished());
    let ground = "getComputedStyle(document.body).backgroundColor";
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        let feature = serde_json::json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        browser.call("Emulation.setEmulatedMedia", feature);
        browser.open(&file);
        grounds.push(browser.text(ground));
    }
    assert_eq!(grounds, ["rgb(255, 255, 255)", "rgb(22, 22, 21)"]);
    browser.click("#theme");
    assert_eq!(browser.text(ground), grounds[0], "a choice goes before the system's");
    browser.reload();
    assert_eq!(browser.text(ground), grounds[0], "and is remembered");
    assert_quiet(&browser);
}

#[test]
fn news_leave_everything_in_its_place() {
    let Some(mut browser) = Browser::start() else { return };
    let (_folder, file) = report(&generations());
    browser.open(&file);
    assert!(browser.is("!document.getElementById('live').hidden"));
    browser.value("document.getElementById('slider').focus()");
    browser.key("Home", 36);
    browser.click("#live");
    browser.value("document.querySelector('#front a').focus(); scrollTo(0, 321)");
    let focus = browser.text("document.activeElement.dataset.network");
    browser.reload();
    assert_eq!(browser.text("document.getElementById('number').textContent"), "1");
    assert_eq!(browser.text("document.getElementById('live').textContent"), "Paused");
    assert_eq!(browser.value("Math.round(scrollY)"), 321);
    assert_eq!(browser.text("document.activeElement.dataset.network"), focus);
    browser.click("#front tbody tr:nth-child(3)");
    browser.reload();
    assert!(browser.is(OPEN) && browser.text(NAME).contains("generation 1"));
    assert_quiet(&browser);
}

#[test]
fn it_is_whole_without_a_script() {
    let Some(mut browser) = Browser::start() else { return };
    let (_folder, file) = report(&finished());
    browser.call("Emulation.setScriptExecutionDisabled", serde_json::json!({"value": true}));
    browser.open(&file);
    let seen = browser.text("document.querySelector('main').innerText");
    for part in [
        "Generation 2",
        "54.0 %",
        "Parameters (thousand)",
        "Hypervolume",
        "sep_conv_3x3",
        "Measured (ms)",
        "normal cell",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    for useless in ["slider", "controls", "tip", "network"] {
        assert!(browser.is(&format!("!document.getElementById('{useless}').checkVisibility()")), "{useless}");
    }
    browser.click("#by-parameters .now a:nth-of-type(2) circle");
    assert_eq!(browser.text("location.hash"), "#n2", "a point leads to its cells");
    assert_quiet(&browser);
}

#[test]
fn it_fits_a_phone() {
    let Some(mut browser) = Browser::start() else { return };
    let (_folder, file) = report(&finished());
    browser.size(390, 800);
    browser.open(&file);
    let root = "document.documentElement";
    assert!(browser.is(&format!("{root}.scrollWidth <= {root}.clientWidth")), "nothing sticks out");
    browser.click("#front tbody tr:nth-child(2)");
    assert!(browser.is("document.getElementById('network').getBoundingClientRect().right <= 390"));
    assert_quiet(&browser);
}
