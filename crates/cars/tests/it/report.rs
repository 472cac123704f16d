//! The report: complete, self-contained, the same for the same run, and never broken by what a journal may hold.

use cars::event::{Event, Resumed};
use cars::report::html;

use crate::sample;

fn whole() -> Vec<Event> {
    let mut events = vec![sample::started()];
    for number in 1..=2 {
        events.extend([sample::epoch(2 * number), sample::generation(number)]);
    }
    events.push(sample::finished());
    events
}

fn count(html: &str, part: &str) -> usize {
    html.matches(part).count()
}

#[test]
fn everything_is_in_it() {
    let html = html(&sample::config(), &whole());
    assert_eq!(count(&html, "<article id=n"), 2, "one card a member");
    assert_eq!(count(&html, "<svg class=cell"), 4, "a normal and a reduction cell each");
    assert_eq!(count(&html, "<circle class=front"), 2);
    for part in
        ["Parameters (thousand)", "Accuracy on validation images (%)", "Hypervolume", "finished", "54.0 %"]
    {
        assert!(html.contains(part), "{part}");
    }
    assert!(html.contains("sep 3×3") && html.contains("<title>sep_conv_3x3</title>"));
    assert!(html.len() < 100_000, "{} bytes", html.len());
}

#[test]
fn it_needs_nothing_from_outside() {
    let html = html(&sample::config(), &whole());
    for part in ["http", "//", "src=", "<link", "<script", "@import", "url("] {
        let found = html.find(part).map(|at| &html[at.saturating_sub(40)..(at + 40).min(html.len())]);
        assert!(found.is_none(), "{part}: {found:?}");
    }
}

#[test]
fn every_element_is_closed() {
    let html = html(&sample::config(), &whole());
    for name in
        ["svg", "section", "article", "figure", "details", "table", "g", "text", "title", "main", "dl", "p"]
    {
        let opened = count(&html, &format!("<{name}>")) + count(&html, &format!("<{name} "));
        assert_eq!(opened, count(&html, &format!("</{name}>")), "{name}");
    }
    assert!(!html.contains("NaN") && !html.contains("inf"), "a coordinate is not a number");
}

#[test]
fn the_same_run_has_the_same_report_and_a_resumed_one_counts_once() {
    let config = sample::config();
    assert_eq!(html(&config, &whole()), html(&config, &whole()));
    let resumed = Resumed { from: None, epoch: 2, step: 0, generation: 0, work: sample::work() };
    let events = [
        vec![
            sample::started(),
            sample::epoch(2),
            sample::epoch(4),
            sample::generation(1),
            Event::Resumed(resumed),
        ],
        whole()[2..].to_vec(),
    ]
    .concat();
    let once = |html: String| html.replace(" · resumed once", "");
    assert_ne!(html(&config, &events), html(&config, &whole()));
    let mut redone = whole();
    redone[3] = sample::epoch(4);
    assert_eq!(once(html(&config, &events)), html(&config, &redone));
}

#[test]
fn a_run_that_has_hardly_begun_has_a_report() {
    let config = sample::config();
    assert!(html(&config, &[]).contains("No generation has been selected yet."));
    let html = html(&config, &[sample::started(), sample::epoch(1)]);
    assert!(html.contains("http-equiv=refresh") && html.contains("Training loss"));
}

#[test]
fn text_is_disarmed() {
    let warning = Event::Warning { message: "<b>checkpoint</b> & co".to_owned() };
    let html = html(&sample::config(), &[sample::started(), warning]);
    assert!(html.contains("&lt;b&gt;checkpoint&lt;/b&gt; &amp; co") && !html.contains("<b>checkpoint"));
}
