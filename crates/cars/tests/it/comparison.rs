//! The page on several searches: fronts and curves of all, what tells them apart, and boxes that hide them.

use std::collections::BTreeSet;

use cars::config::Config;
use cars::event::Event;
use cars::report::{Compared, comparison_html};

use crate::browser::Browser;
use crate::page::{TIP, assert_quiet};
use crate::sample;

/// Two searches that differ in their seed; the second is better by a tenth.
fn runs() -> Vec<Compared> {
    let run = |(name, seed, better): (&str, u64, f64)| {
        let config = Config { seed, ..Config::clone(&sample::config()) }.check().unwrap();
        let mut events = vec![sample::started(), sample::generation(1), sample::generation(2)];
        for event in &mut events {
            let Event::Generation(generation) = event else { continue };
            generation.hypervolume += better;
            generation.individuals.iter_mut().for_each(|one| one.accuracy += better);
        }
        Compared { name: name.to_owned(), config, events }
    };
    [("first & oldest", 1, 0.0), ("second", 2, 0.1)].map(run).into()
}

#[test]
fn all_runs_are_on_one_page() {
    let html = comparison_html(&runs());
    assert_eq!(html.matches("<circle class=of-run").count(), 4, "two members each");
    assert_eq!(html.matches("<path class=of-run").count(), 2, "a front each");
    assert_eq!(html.matches("<path class=\"of-run").count(), 2, "a curve each");
    for part in ["first &amp; oldest", "54.0 %", "64.0 %", "<td>seed<td", "All to the same reference point"] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("<td>name<td"), "only what differs");
    // The second run has the same networks, all of them better.
    let after_front = html.split("<td>2<td>").skip(1);
    let joint: Vec<&str> =
        after_front.filter_map(|rest| rest.split_once("<td>0.")).map(|(joint, _)| joint).collect();
    assert_eq!(joint, ["0", "2"]);
    assert_eq!(html, comparison_html(&runs()));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let mut runs = runs();
    for event in &mut runs[1].events {
        if let Event::Generation(generation) = event {
            generation.reference[1] *= 2.0;
        }
    }
    runs.push(Compared {
        name: "young".to_owned(),
        config: sample::config(),
        events: vec![sample::started()],
    });
    let html = comparison_html(&runs);
    assert!(html.contains("compare the shapes, not the heights") && html.contains("none yet"));
    let drawn: BTreeSet<&str> = html.split("<g class=\"").skip(1).map(|rest| &rest[..4]).collect();
    assert_eq!(drawn, ["run0", "run1"].into());
}

#[test]
fn a_box_hides_a_run() {
    let Some(mut browser) = Browser::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("comparison.html");
    std::fs::write(&file, comparison_html(&runs())).unwrap();
    browser.open(&file);
    browser.point_at("g.run1 a:nth-of-type(2) circle");
    assert!(browser.text(TIP).starts_with("second 2: 64.0 %"));
    let seen = |browser: &mut Browser| {
        let shown = |part| format!("getComputedStyle(document.querySelector('{part}')).display !== 'none'");
        [shown("g.run0"), shown("#run0"), shown("g.run1")].map(|shown| browser.is(&shown))
    };
    assert_eq!(seen(&mut browser), [true; 3]);
    browser.value("document.getElementById('show0').focus()");
    browser.key(" ", 32);
    assert_eq!(seen(&mut browser), [false, false, true], "neither its front nor its row is there");
    assert_quiet(&browser);
}
