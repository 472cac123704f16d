//! The report of a run: one HTML file that needs nothing else, made from config and journal, so that the same run has the same report
//! but for the times it took. Writes no file.

mod cell;
mod comparison;
mod comparison_page;
mod curves;
mod drawings;
mod front;
mod history;
mod kept;
mod latency_fit;
mod layout;
mod live;
mod operations;
mod page;
mod plot;
mod retrained;
mod scatter;
mod sizes;
mod text;
mod training;

use std::fmt::Write as _;

use crate::config::{Checked, CheckedConfig, CheckedRecipe, Objective};
use crate::event::{Event, Generation, Individual, Started};
use crate::observe::{Spent, TimeLeft};
use crate::retrained::Retraining;
use crate::run_dir::{ReportFiles, RunDirError};

pub use comparison::{Compared, comparison_svg, comparison_table};
pub use comparison_page::comparison_html;
use history::History;
use live::{Charts, Live};
use text::{escape, grouped, percent, short};
pub use training::training_html;

/// Settings of a kind of run that has a report.
pub trait Reported: Checked {
    /// The report of the run that these files belong to, as far as it has come. `left` is what an observer, who has a clock,
    /// foretells of a run under way; the report of a run that has ended does not have it, and depends on the files alone.
    fn report(files: &ReportFiles<Self>, left: Option<TimeLeft>) -> Result<String, RunDirError>;
}

impl Reported for CheckedConfig {
    fn report(files: &ReportFiles<Self>, left: Option<TimeLeft>) -> Result<String, RunDirError> {
        let besides = Besides { left, spent: files.spent(), ..Besides::default() };
        Ok(html_with(files.config(), &files.events()?, besides))
    }
}

impl Reported for CheckedRecipe {
    fn report(files: &ReportFiles<Self>, left: Option<TimeLeft>) -> Result<String, RunDirError> {
        Ok(training_html(files.config(), &files.events()?, files.evaluation()?.as_ref(), left))
    }
}

/// What a report of a search may have that is not in its journal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Besides<'a> {
    /// What became of networks of its front that were trained alone.
    pub retraining: Option<&'a Retraining>,
    /// The time a run under way will take, as in [`Reported::report`].
    pub left: Option<TimeLeft>,
    /// Where the time went so far.
    pub spent: Option<Spent>,
}

/// The report of a search as far as its journal goes.
pub fn html(config: &CheckedConfig, events: &[Event]) -> String {
    html_with(config, events, Besides::default())
}

/// The same, with more than the journal knows.
pub fn html_with(config: &CheckedConfig, events: &[Event], besides: Besides<'_>) -> String {
    let history = History::new(events);
    let mut page = page::open(&config.name, &about(config, &history), &history, besides.left);
    let live = if let Some(last) = history.last() {
        tiles(&mut page, last);
        by_generation(&mut page, config, &history)
    } else {
        page.push_str("<p class=note>No generation has been selected yet.</p>\n");
        None
    };
    training(&mut page, &history);
    if let Some(spent) = besides.spent {
        times(&mut page, &spent);
    }
    if let Some(last) = history.last() {
        if let Some(measured) = history.measured {
            latency_fit::section(&mut page, last, measured);
        }
        if let Some(retraining) = besides.retraining {
            retrained::section(&mut page, retraining);
        }
        front::cells(&mut page, last);
    }
    page::notes(&mut page, &history.warnings, &config.digest(), &config.to_toml());
    page::close(page, &live)
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

/// Everything that a slider takes from generation to generation: charts, curve, histograms and table. Without a script they
/// show the newest.
fn by_generation(page: &mut String, config: &CheckedConfig, history: &History<'_>) -> Option<Live> {
    let generations = kept::generations(&history.generations);
    let (first, last) = (*generations.first()?, *generations.last()?);
    let sizes = config.objectives().iter().filter(|objective| **objective != Objective::Accuracy);
    let (curve, volume) = curves::hypervolume(&generations);
    let charts = Charts {
        scatters: sizes.map(|&size| scatter::Scatter::new(&generations, size)).collect(),
        volume,
        sizes: sizes::Sizes::new(&generations),
        mixture: operations::Mixture::new(&generations),
    };
    let live = Live::new(&generations, &charts, history.measured);
    let Charts { scatters, sizes, mixture, .. } = charts;
    let _ = write!(
        page,
        "<section id=evolution><h2>Front by generation</h2>\
         <div class=time><label for=slider>Generation <b id=number>{1}</b></label>\
         <input type=range id=slider min=0 max={2} value={2} hidden><span id=summary>{3}</span></div>\
         <p class=key><span>generation {0}<i class=ramp></i>{1}</span>\
         <span><i class=dot></i>front, numbered as in the table</span></p>",
        first.generation,
        last.generation,
        generations.len() - 1,
        front::summary(last)
    );
    for scatter in scatters {
        let _ = write!(
            page,
            "<figure class=\"wide scatter\" id=by-{}>{}</figure>",
            scatter.size(),
            scatter.draw(&generations)
        );
    }
    let _ = write!(
        page,
        "<div class=row><figure id=volume>{curve}</figure><figure id=sizes>{}<figcaption class=key>\
         <span><i class=\"swatch all\"></i>all survivors</span><span><i class=\"swatch on-front\"></i>on the front</span></figcaption></figure>\
         <figure id=operations>{}</figure></div>",
        sizes.draw(last),
        mixture.draw(first, last)
    );
    front::table(page, last, history.measured);
    let _ = write!(
        page,
        "<p class=note>Hypervolume: the share of objective space up to the reference point ({}) that the front dominates. \
         In the bars of operations, marks show generation {}.",
        reference(config, last),
        first.generation
    );
    if generations.len() < history.generations.len() {
        let _ = write!(
            page,
            " Of {} generations, {} are shown, evenly spread; all are in journal.jsonl.",
            history.generations.len(),
            generations.len()
        );
    }
    page.push_str("</p></section>\n");
    Some(live)
}

fn reference(config: &CheckedConfig, generation: &Generation) -> String {
    let name = |(objective, value): (&Objective, &f64)| match objective {
        Objective::Accuracy => format!("error {}", percent(*value)),
        Objective::Parameters | Objective::MultiplyAdds => {
            format!("{} {objective}", grouped(*value as u64))
        }
        Objective::Latency => format!("latency {value:.2} ms"),
    };
    let point: Vec<String> = config.objectives().iter().zip(&generation.reference).map(name).collect();
    point.join(", ")
}

fn training(page: &mut String, history: &History<'_>) {
    if history.epochs.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "<section><h2>Training</h2><div class=row><figure>{}</figure><figure>{}</figure></div>\
         <p class=note>Means over the paths trained in an epoch.</p></section>",
        curves::loss(&history.epochs, history.work()),
        curves::accuracy(&history.epochs, history.work())
    );
}

/// Where the time went, as a bar and in words.
fn times(page: &mut String, spent: &Spent) {
    let parts = || spent.parts().into_iter().zip(["sep", "old", "dil", "pool", "skip"]);
    page.push_str("<section id=times><h2>Where the time went</h2><span class=mix>");
    for ((name, _, share), class) in parts() {
        let _ = write!(page, "<i class={class} style=\"flex-grow:{share:.4}\" title={name}></i>");
    }
    page.push_str("</span><p class=key>");
    for ((name, time, share), class) in parts() {
        let (time, share) = (TimeLeft(time), 100.0 * share);
        let _ = write!(page, "<span><i class=\"swatch {class}\"></i>{name} {time} ({share:.0} %)</span>");
    }
    page.push_str("</p></section>\n");
}
