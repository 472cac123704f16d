//! The report of a run: one HTML file that needs nothing else, made from config and journal alone, so that the same run
//! has the same report. Writes no file.

mod cell;
mod comparison;
mod curves;
mod front;
mod history;
mod layout;
mod plot;
mod scatter;
mod text;

use std::fmt::Write as _;

use crate::config::{Checked, CheckedConfig, Objective};
use crate::event::{Event, Generation, Individual, Started};

pub use comparison::{Compared, comparison_svg, comparison_table};
use history::{History, Stage};
use text::{escape, grouped, percent, short};

const STYLE: &str = include_str!("report/style.css");

/// The report of a run as far as its journal goes.
pub fn html(config: &CheckedConfig, events: &[Event]) -> String {
    let history = History::new(events);
    let name = escape(&config.name);
    let mut page = String::from(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\n",
    );
    if history.stage == Stage::Running {
        page.push_str("<meta http-equiv=refresh content=30>\n");
    }
    // Writing to a string cannot fail.
    let _ = writeln!(page, "<title>{name} · cars</title>\n<style>\n{STYLE}</style>\n<main>");
    header(&mut page, config, &history);
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
        front::cells(&mut page, last);
    }
    footer(&mut page, config, &history);
    page + "</main>\n</html>\n"
}

/// The members of a front from small to large, numbered from 1 as everywhere in the report.
fn members(generation: &Generation) -> Vec<(usize, &Individual)> {
    let mut members: Vec<&Individual> =
        generation.front.iter().filter_map(|&index| generation.individuals.get(index)).collect();
    members.sort_by(|a, b| {
        (a.parameters, a.multiply_adds, a.id)
            .cmp(&(b.parameters, b.multiply_adds, b.id))
            .then_with(|| a.accuracy.total_cmp(&b.accuracy))
    });
    members.into_iter().enumerate().map(|(index, member)| (index + 1, member)).collect()
}

fn header(page: &mut String, config: &CheckedConfig, history: &History<'_>) {
    let _ = write!(page, "<header><h1>{}</h1>", escape(&config.name));
    let (class, stage) = match history.stage {
        Stage::Running => ("running", "running"),
        Stage::Interrupted => ("interrupted", "interrupted"),
        Stage::Finished => ("finished", "finished"),
    };
    let _ = write!(page, "<span class=\"stage {class}\">{stage}</span><p>");
    let data = history.started.map_or_else(|| config.data.source.name().to_owned(), Started::images);
    let objectives: Vec<&str> = config.objectives().iter().map(|objective| objective.name()).collect();
    let _ = write!(
        page,
        "{} · {} · {} individuals · seed {}",
        escape(&data),
        objectives.join(" / "),
        config.evolution.population,
        config.seed,
    );
    if history.resumptions > 0 {
        let times = if history.resumptions == 1 {
            "once".to_owned()
        } else {
            format!("{} times", history.resumptions)
        };
        let _ = write!(page, " · resumed {times}");
    }
    page.push_str("</p></header>\n");
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
    page.push_str("<dl class=tiles>");
    for (name, value) in [
        ("Generation", generation),
        ("Networks on the front", members.len().to_string()),
        ("Best accuracy", percent(best)),
        ("Parameters", sizes),
        ("Hypervolume", format!("{:.4}", last.hypervolume)),
    ] {
        let _ = write!(page, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    page.push_str("</dl>\n");
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

fn footer(page: &mut String, config: &CheckedConfig, history: &History<'_>) {
    if !history.warnings.is_empty() {
        page.push_str("<section><h2>Warnings</h2><ul>");
        for warning in &history.warnings {
            let _ = write!(page, "<li>{}</li>", escape(warning));
        }
        page.push_str("</ul></section>\n");
    }
    let _ = writeln!(
        page,
        "<section><details><summary>Config {}</summary><pre>{}</pre></details></section>",
        config.digest(),
        escape(&config.to_toml())
    );
}
