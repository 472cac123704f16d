//! The report of a training run: how loss and accuracy went along, the network, and what its test found, if it was tested.

use std::fmt::Write as _;

use space::AnyArchitecture;

use crate::config::{Checked, CheckedRecipe};
use crate::event::Event;
use crate::observe::TimeLeft;
use crate::train::Evaluation;

use super::history::History;
use super::text::{escape, grouped, percent, short};
use super::{curves, drawings, page};

/// The most classes whose confusion a page has room for.
const CLASSES: usize = 20;

/// The report of a training run as far as its journal goes, with the newest test of its network; `left` as in
/// [`Reported::report`](super::Reported::report).
pub fn training_html(
    recipe: &CheckedRecipe,
    events: &[Event],
    evaluation: Option<&Evaluation>,
    left: Option<TimeLeft>,
) -> String {
    let history = History::new(events);
    let data = match history.training {
        Some(started) => format!("{} images of {}", started.train_images, escape(started.set())),
        None => recipe.data.source.name().to_owned(),
    };
    let start = if recipe.inherit.is_some() { " · weights of a search" } else { "" };
    let about = format!("{data} · {} epochs{start} · seed {}", recipe.training.epochs, recipe.seed);
    let mut page = page::open(&recipe.name, &about, &history, left);
    page::tiles(&mut page, &tiles(recipe, &history, evaluation));
    if !history.epochs.is_empty() {
        let work = history.training.map(|started| &started.work);
        let _ = writeln!(
            page,
            "<section><h2>Progress</h2><div class=row><figure>{}</figure><figure>{}</figure></div>\
             <p class=note>Means over the steps of an epoch, on varied images.</p></section>",
            curves::loss(&history.epochs, work),
            curves::accuracy(&history.epochs, work)
        );
    }
    match evaluation {
        Some(evaluation) => tested(&mut page, evaluation),
        None => page.push_str("<p class=note>Not tested yet: cars evaluate.</p>\n"),
    }
    page.push_str("<section><h2>Cells</h2>");
    drawings::key(&mut page);
    page.push_str("<article>");
    drawings::cells(&mut page, &AnyArchitecture::Darts(recipe.genotype().clone()), "the network");
    page.push_str("</article></section>\n");
    page::notes(&mut page, &history.warnings, &recipe.digest(), &recipe.to_toml());
    page::close(page, &())
}

fn tiles(
    recipe: &CheckedRecipe,
    history: &History<'_>,
    evaluation: Option<&Evaluation>,
) -> Vec<(&'static str, String)> {
    let mut tiles = Vec::new();
    let last = history.epochs.last();
    let done = last.map_or(0, |epoch| epoch.epoch);
    tiles.push(("Epoch", format!("{done} <small>of {}</small>", recipe.training.epochs)));
    if let Some(started) = history.training {
        tiles.push(("Parameters", short(started.parameters)));
    }
    if let Some(epoch) = last {
        tiles.push(("Training accuracy", percent(epoch.accuracy)));
    }
    if let Some(evaluation) = evaluation {
        tiles.push(("Test, top-1", percent(evaluation.top_1)));
        tiles.extend(evaluation.top_5.map(|top_5| ("Test, top-5", percent(top_5))));
    }
    tiles
}

/// What the test found: a row a class, and which classes were taken for which.
fn tested(page: &mut String, evaluation: &Evaluation) {
    let _ = write!(
        page,
        "<section><h2>Test</h2><p class=note>{} images from number {} on of {}, after {} epochs.</p>\
         <div class=scroll><table><thead><tr><th>Class<th>Images<th>Recall<th>Precision</thead><tbody>",
        grouped(evaluation.images as u64),
        evaluation.first,
        escape(&evaluation.data),
        evaluation.epochs
    );
    for class in evaluation.by_class() {
        let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
        let _ = write!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}",
            escape(class.name),
            class.images,
            share(class.recall),
            share(class.precision)
        );
    }
    page.push_str("</tbody></table></div>");
    if evaluation.classes.len() <= CLASSES {
        confusion(page, evaluation);
    }
    page.push_str("</section>\n");
}

fn confusion(page: &mut String, evaluation: &Evaluation) {
    page.push_str("<h2>Confusion</h2><div class=scroll><table class=confusion><thead><tr><th>is · taken for");
    for name in &evaluation.classes {
        let _ = write!(page, "<th>{}", escape(name));
    }
    page.push_str("</thead><tbody>");
    for (name, row) in evaluation.classes.iter().zip(&evaluation.confusion) {
        let images = row.iter().sum::<usize>().max(1);
        let _ = write!(page, "<tr><td>{}", escape(name));
        for count in row {
            let _ = write!(page, "<td style=\"--share:{}%\">{count}", 100 * count / images);
        }
    }
    page.push_str("</tbody></table></div>");
}
