//! The report of a run: one HTML file that needs nothing else, made from config and journal alone, so that the same run
//! has the same report. Writes no file.

mod cell;
mod comparison;
mod curves;
mod drawings;
mod front;
mod history;
mod layout;
mod page;
mod plot;
mod retrained;
mod scatter;
mod text;
mod training;

use std::fmt::Write as _;

use crate::config::{Checked, CheckedConfig, CheckedRecipe, Objective};
use crate::event::{Event, Generation, Individual, Started};
use crate::retrained::Retraining;
use crate::run_dir::{ReportFiles, RunDirError};

pub use comparison::{Compared, comparison_svg, comparison_table};
use history::History;
use text::{escape, grouped, percent, short};
pub use training::training_html;

/// Settings of a kind of run that has a report.
pub trait Reported: Checked {
    /// The report of the run that these files belong to, as far as it has come.
    fn report(files: &ReportFiles<Self>) -> Result<String, RunDirError>;
}

impl Reported for CheckedConfig {
    fn report(files: &ReportFiles<Self>) -> Result<String, RunDirError> {
        Ok(html(files.config(), &files.events()?))
    }
}

impl Reported for CheckedRecipe {
    fn report(files: &ReportFiles<Self>) -> Result<String, RunDirError> {
        Ok(training_html(files.config(), &files.events()?, files.evaluation()?.as_ref()))
    }
}

/// The report of a search as far as its journal goes.
pub fn html(config: &CheckedConfig, events: &[Event]) -> String {
    html_with(config, events, None)
}

/// The same, with what became of networks of its front that were trained alone.
pub fn html_with(config: &CheckedConfig, events: &[Event], retraining: Option<&Retraining>) -> String {
    let history = History::new(events);
    let mut page = page::open(&config.name, &about(config, &history), &history);
    match history.last() {
        Some(last) => {
            tiles(&mut page, last);
            population(&mut page, config, &history);
        }
        None => page.push_str("<p class=note>No generation has been selected yet.</p>\n"),
    }
    progress(&mut page, config, &history);
    if let Some(last) = history.last() {
        front::table(&mut page, last, history.measured);
        if let Some(retraining) = retraining {
            retrained::section(&mut page, retraining);
        }
        front::cells(&mut page, last);
    }
    page::close(page, &history.warnings, &config.digest(), &config.to_toml())
}

/// The newest population that a journal tells of.
pub(crate) fn newest(events: &[Event]) -> Option<&Generation> {
    History::new(events).last()
}

/// The members of a front from small to large, numbered from 1 as everywhere in the report.
pub(crate) fn members(generation: &Generation) -> Vec<(usize, &Individual)> {
    let mut members: Vec<&Individual> =
        generation.front.iter().filter_map(|&index| generation.individuals.get(index)).collect();
    members.sort_by(|a, b| {
        (a.parameters, a.multiply_adds, a.id)
            .cmp(&(b.parameters, b.multiply_adds, b.id))
            .then_with(|| a.accuracy.total_cmp(&b.accuracy))
    });
    members.into_iter().enumerate().map(|(index, member)| (index + 1, member)).collect()
}

fn about(config: &CheckedConfig, history: &History<'_>) -> String {
    let data = history.started.map_or_else(|| config.data.source.name().to_owned(), Started::images);
    let objectives: Vec<&str> = config.objectives().iter().map(|objective| objective.name()).collect();
    format!(
        "{} · {} · {} individuals · seed {}",
        escape(&data),
        objectives.join(" / "),
        config.evolution.population,
        config.seed,
    )
}

fn tiles(page: &mut String, last: &Generation) {
    let members = members(last);
    let best = members.iter().map(|(_, member)| member.accuracy).fold(0.0, f64::max);
    let sizes = match (members.first(), members.last()) {
        (Some((_, small)), Some((_, large))) => {
            format!("{} – {}", short(small.parameters), short(large.parameters))
        }
        _ => "–".to_owned(),
    };
    let generation = format!("{} <small>of {}</small>", last.generation, last.generations);
    let tiles = [
        ("Generation", generation),
        ("Networks on the front", members.len().to_string()),
        ("Best accuracy", percent(best)),
        ("Parameters", sizes),
        ("Hypervolume", format!("{:.4}", last.hypervolume)),
    ];
    page::tiles(page, &tiles);
}

fn population(page: &mut String, config: &CheckedConfig, history: &History<'_>) {
    let first = history.generations.first().map_or(0, |generation| generation.generation);
    let last = history.last().map_or(0, |generation| generation.generation);
    let _ = write!(
        page,
        "<section><h2>Population and front</h2><p class=key>\
         <span>generation {first}</span><i class=ramp></i><span>{last}</span>\
         <i class=dot></i><span>front of generation {last}, numbered as in the table</span></p>"
    );
    for &objective in config.objectives().iter().filter(|objective| **objective != Objective::Accuracy) {
        let _ =
            write!(page, "<figure class=wide>{}</figure>", scatter::draw(&history.generations, objective));
    }
    page.push_str("</section>\n");
}

fn progress(page: &mut String, config: &CheckedConfig, history: &History<'_>) {
    let work = history.started.map(|started| &started.work);
    page.push_str("<section><h2>Progress</h2><div class=row>");
    if !history.generations.is_empty() {
        let _ = write!(page, "<figure>{}</figure>", curves::hypervolume(&history.generations));
    }
    if !history.epochs.is_empty() {
        let _ = write!(page, "<figure>{}</figure>", curves::loss(&history.epochs, work));
        let _ = write!(page, "<figure>{}</figure>", curves::accuracy(&history.epochs, work));
    }
    page.push_str("</div>");
    if let Some(last) = history.last() {
        let name = |(objective, value): (&Objective, &f64)| match objective {
            Objective::Accuracy => format!("error {}", percent(*value)),
            Objective::Parameters | Objective::MultiplyAdds => {
                format!("{} {objective}", grouped(*value as u64))
            }
            Objective::Latency => format!("latency {value:.2} ms"),
        };
        let point: Vec<String> = config.objectives().iter().zip(&last.reference).map(name).collect();
        let _ = write!(
            page,
            "<p class=note>Hypervolume: the share of objective space up to the reference point ({}) that the front \
             dominates. Training accuracy and loss are means over the paths trained in an epoch.</p>",
            point.join(", ")
        );
    }
    page.push_str("</section>\n");
}
