//! Observers that leave something behind.

use std::cell::RefCell;
use std::fs;
use std::rc::Rc;
use std::sync::atomic::AtomicBool;

use cars::event::Event;
use cars::front::Front;
use cars::observe::{Html, Observer, Supply};
use cars::report::{Besides, html_with};
use cars::run::{self, Hardware};
use cars::run_dir::RunDir;

use crate::{faults, sample};

/// Counts what a run tells of its images, and its steps.
struct Supplied(Rc<RefCell<[usize; 3]>>);

impl Observer for Supplied {
    fn event(&mut self, event: &Event) {
        self.0.borrow_mut()[2] += usize::from(matches!(event, Event::Step(_)));
    }

    fn supply(&mut self, supply: Supply) {
        self.0.borrow_mut()[usize::from(supply == Supply::Arrived)] += 1;
    }
}

#[test]
fn every_step_is_told_to_wait_for_its_images_and_to_have_them() {
    let folder = tempfile::tempdir().unwrap();
    let counts = Rc::new(RefCell::new([0; 3]));
    let mut observers: Vec<Box<dyn Observer>> = vec![Box::new(Supplied(Rc::clone(&counts)))];
    let directory = RunDir::create(&folder.path().join("run"), &faults::config()).unwrap();
    run::start(directory, &Hardware::default(), &mut observers, &AtomicBool::new(false)).unwrap();
    assert_eq!(*counts.borrow(), [4, 4, 4]);
}

#[test]
fn the_report_follows_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let mut run = RunDir::create(&path, &sample::config()).unwrap();
    let mut observer = Html::new(run.report_files());
    for event in [sample::started(), sample::generation(1), sample::generation(2), sample::finished()] {
        run.append(&event).unwrap();
        observer.event(&event);
        let besides = Besides { spent: run.report_files().spent(), ..Besides::default() };
        assert!(besides.spent.is_some(), "times.json");
        let expected = html_with(run.config(), &run.events().unwrap(), besides);
        assert_eq!(fs::read_to_string(path.join("report.html")).unwrap(), expected);
    }
}

#[test]
fn the_front_is_stored_from_small_to_large() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let run = RunDir::create(&path, &sample::config()).unwrap();
    let Event::Generation(generation) = sample::generation(2) else { unreachable!() };
    let front = Front::new(run.config(), &generation);
    run.write_front(&front).unwrap();
    let text = fs::read_to_string(path.join("front.json")).unwrap();
    assert_eq!(serde_json::from_str::<Front>(&text).unwrap(), front);
    assert!(front.members.is_sorted_by_key(|member| member.parameters));
    assert_eq!((front.members.len(), front.best_accuracy()), (2, 0.54));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["objectives"][0]["name"], "accuracy");
    assert_eq!(value["objectives"][1]["direction"], "minimise");
    let member = &value["members"][0];
    assert_eq!(
        member["genotype"].as_str().unwrap().parse::<space::Genotype>().unwrap(),
        front.members[0].cells.clone().unwrap()
    );
}
