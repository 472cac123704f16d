//! The report: complete, self-contained, the same for the same run, and never broken by what a journal may hold.

use std::time::Duration;

use cars::event::{Event, Generation, Resumed};
use cars::observe::{Spent, TimeLeft};
use cars::report::{Besides, html, html_with};

use crate::sample;

fn whole() -> Vec<Event> {
    let mut events = vec![sample::started()];
    for number in 1..=2 {
        events.extend([sample::epoch(2 * number), sample::generation(number)]);
    }
    events.push(sample::finished());
    events
}

/// What is between style and script.
pub fn drawn(html: &str) -> &str {
    let (_, drawn) = html.split_once("</style>").unwrap();
    drawn.split_once("<script>").unwrap().0
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
    assert_eq!(count(&html, "<path class=dots"), 2, "every generation");
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
    for part in ["http:", "https:", "src=", "<link", "@import", "url(", "fetch(", "XMLHttpRequest", "import("]
    {
        assert!(!html.contains(part), "{part}");
    }
    assert!(
        html.contains("Content-Security-Policy content=\"default-src 'none';"),
        "the browser refuses, too"
    );
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
    let drawn = drawn(&html);
    assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "a coordinate is not a number");
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
    assert!(html.contains("epoch 1 of 6") && !html.contains("id=left"), "who has no clock foretells nothing");
}

#[test]
fn only_a_run_under_way_foretells() {
    let config = sample::config();
    let left = Some(TimeLeft(Duration::from_secs(734)));
    let running = html_with(&config, &whole()[..3], Besides { left, ..Besides::default() });
    assert!(running.contains("<span id=left data-seconds=734>about 12 min 14 s left</span>"), "{running}");
    let finished = html_with(&config, &whole(), Besides { left, ..Besides::default() });
    assert_eq!(finished, html(&config, &whole()), "an ended run has one report");
}

#[test]
fn it_says_where_the_time_went_if_that_is_known() {
    let config = sample::config();
    let spent: Spent = serde_json::from_str(r#"{"training":90.0,"evaluation":30.0}"#).unwrap();
    let page = html_with(&config, &whole(), Besides { spent: Some(spent), ..Besides::default() });
    assert!(page.contains("training 1 min 30 s (75 %)") && page.contains("evaluation 30 s (25 %)"), "{page}");
    assert!(!html(&config, &whole()).contains("id=times"));
}

#[test]
fn a_long_search_has_a_page_of_bounded_size() {
    let config = sample::config();
    let Event::Generation(one) = sample::generation(1) else { unreachable!() };
    let long = |generations: usize| -> String {
        let mut events = vec![sample::started()];
        for number in 0..generations {
            let mut generation = Generation { generation: number, generations, ..one.clone() };
            generation.individuals = (0..128).map(|index| one.individuals[index % 5].clone()).collect();
            // No network stays: each generation has a front of 40 networks that were never seen before.
            for (index, individual) in generation.individuals.iter_mut().enumerate() {
                individual.id = (128 * number + index) as u64;
            }
            generation.front = (0..40).collect();
            events.push(Event::Generation(generation));
        }
        html(&config, &events)
    };
    let [some, many] = [78, 800].map(|generations| long(generations).len());
    assert!(some < 3_000_000 && many < some + 10_000, "{some} and {many} bytes");
}

#[test]
fn text_is_disarmed() {
    let warning = Event::Warning { message: "<b>checkpoint</b> & co".to_owned() };
    let html = html(&sample::config(), &[sample::started(), warning]);
    assert!(html.contains("&lt;b&gt;checkpoint&lt;/b&gt; &amp; co") && !html.contains("<b>checkpoint"));
}

#[test]
fn the_data_of_the_script_stay_data() {
    let mut events = whole();
    // A network that is on an earlier front only: its drawing is among the data.
    if let Event::Generation(first) = &mut events[2] {
        first.front.push(0);
    }
    let html = html(&sample::config(), &events);
    let (_, data) = html.split_once("id=data>").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    assert!(!data.contains('<'), "nothing can end the element early");
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert!(data["networks"]["0"]["cells"].as_str().unwrap().contains("</svg>"));
    assert_eq!(data["generations"].as_array().unwrap().len(), 2);
}
