//! Several searches on one page: their last fronts and their hypervolumes over each other, a table, and the settings in which
//! they differ. Any of them can be hidden, without a script too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use pareto::dominates;

use crate::config::{Config, Objective};
use crate::event::{Generation, Individual};

use super::comparison::Compared;
use super::history::History;
use super::plot::{Ends, Plot, range};
use super::scatter::{steps, value};
use super::text::{escape, grouped, percent, point};
use super::{members, page, scatter};

/// A run that has come to a front.
struct Run<'a> {
    /// Its position among the runs: its class on the page.
    index: usize,
    of: &'a Compared,
    generations: Vec<&'a Generation>,
    last: &'a Generation,
}

/// Colours before they start again, with another dash.
const COLOURS: usize = 6;

/// One page on all of these searches.
pub fn comparison_html(runs: &[Compared]) -> String {
    let histories: Vec<History<'_>> = runs.iter().map(|run| History::new(&run.events)).collect();
    let shown: Vec<Run<'_>> = runs
        .iter()
        .zip(&histories)
        .enumerate()
        .filter_map(|(index, (run, history))| {
            let last = history.last()?;
            Some(Run { index, of: run, generations: super::kept::generations(&history.generations), last })
        })
        .collect();
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    let mut page = page::head("Comparison", "", &escape(&names.join(" · ")), None);
    legend(&mut page, runs);
    fronts(&mut page, &shown);
    table(&mut page, runs, &shown);
    volumes(&mut page, &shown);
    differences(&mut page, runs);
    page::close(page, &())
}

/// Names with a box each that hides the run everywhere.
fn legend(page: &mut String, runs: &[Compared]) {
    page.push_str("<fieldset class=legend><legend>Runs</legend>");
    for (index, run) in runs.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<label><input type=checkbox id=show{index} checked><i class=\"swatch {}\"></i>{}</label>",
            class(index),
            escape(&run.name)
        );
    }
    page.push_str("</fieldset>\n<style>");
    for index in 0..runs.len() {
        let _ = write!(page, "main:has(#show{index}:not(:checked)) .run{index}{{display:none}}");
    }
    page.push_str("</style>\n");
}

fn class(index: usize) -> String {
    format!("run{index} colour{} dash{}", index % COLOURS, index / COLOURS % 3)
}

fn fronts(page: &mut String, runs: &[Run<'_>]) {
    page.push_str("<section><h2>Fronts of the last generations</h2>");
    let traded = |size: &Objective| runs.iter().all(|one| one.of.config.objectives().contains(size));
    let sizes: Vec<Objective> =
        Objective::ALL.into_iter().filter(|size| *size != Objective::Accuracy && traded(size)).collect();
    // Every run knows how large its networks are, whatever it went by.
    let sizes = if sizes.is_empty() { vec![Objective::Parameters] } else { sizes };
    for size in sizes {
        let _ = write!(page, "<figure class=wide>{}</figure>", overlay(runs, size));
    }
    page.push_str("</section>\n");
}

fn overlay(runs: &[Run<'_>], size: Objective) -> String {
    let all = || runs.iter().flat_map(|one| members(one.last)).map(|(_, member)| member);
    let largest = all().map(|member| value(member, size)).fold(0.0, f64::max);
    let (divisor, unit) = scatter::unit(size, largest);
    let spot = |member: &Individual| (value(member, size) / divisor, 100.0 * member.accuracy);
    let mut plot = Plot::new(
        scatter::SIZE,
        Ends::Round,
        (&format!("{} ({unit})", scatter::name(size)), range(all().map(|member| spot(member).0))),
        ("Accuracy on validation images (%)", range(all().map(|member| spot(member).1))),
    );
    for one in runs {
        let members = members(one.last);
        let border = steps(members.iter().map(|(_, member)| spot(member)).collect());
        let mut group = format!(
            "<g class=\"{}\"><path class=of-run d=\"{}\"/>",
            class(one.index),
            plot.path(border.into_iter())
        );
        for (number, member) in members {
            let (x, y) = spot(member);
            let (x, y) = plot.at(x, y);
            let told = format!(
                "{} {number}: {}, {}",
                one.of.name,
                percent(member.accuracy),
                scatter::told(size, value(member, size))
            );
            let _ = write!(
                group,
                "<a href=\"#run{}\" data-tip=\"{told}\"><title>{told}</title>\
                 <circle class=of-run cx={} cy={} r=5 /></a>",
                one.index,
                point(x),
                point(y),
                told = escape(&told),
            );
        }
        plot.add(format_args!("{group}</g>"));
    }
    plot.finish_with_points(&format!(
        "Accuracy against {} of the last fronts",
        scatter::name(size).to_lowercase()
    ))
}

fn volumes(page: &mut String, runs: &[Run<'_>]) {
    let Some(first) = runs.first() else { return };
    let points = |one: &Run<'_>| -> Vec<(f64, f64)> {
        one.generations.iter().map(|generation| (generation.epoch as f64, generation.hypervolume)).collect()
    };
    let all = || runs.iter().flat_map(points);
    let mut plot = Plot::new(
        (920.0, 340.0),
        Ends::Exact,
        ("Epochs of training", range(all().map(|(epoch, _)| epoch))),
        ("Hypervolume", range(all().map(|(_, volume)| volume))),
    );
    for one in runs {
        plot.line(&format!("class=\"of-run {}\"", class(one.index)), points(one).into_iter());
    }
    let _ = write!(
        page,
        "<section><h2>Hypervolume</h2><figure class=wide>{}</figure>",
        plot.finish("Hypervolume by epochs of training")
    );
    let same = |one: &Run<'_>| {
        one.last.reference == first.last.reference
            && one.of.config.objectives() == first.of.config.objectives()
    };
    page.push_str(if runs.iter().all(same) {
        "<p class=note>All to the same reference point.</p></section>\n"
    } else {
        "<p class=\"note alarm\">These runs have other objectives or reference points, so their hypervolumes are shares of \
         different spaces: compare the shapes, not the heights.</p></section>\n"
    });
}

/// A row a run. On the joint front is what no network of any run beats in accuracy and size at once.
fn table(page: &mut String, runs: &[Compared], shown: &[Run<'_>]) {
    page.push_str(
        "<section><h2>Runs</h2><div class=scroll><table><thead><tr><th>Run<th>Selection<th>Seed<th>Generation\
         <th>Best accuracy<th>Parameters<th>Front<th>Joint front<th>Hypervolume</thead><tbody>",
    );
    let joint = joint(shown);
    for (index, run) in runs.iter().enumerate() {
        let _ = write!(
            page,
            "<tr class=\"{}\" id=run{index}><td><i class=swatch></i> {}<td>{}<td>{}",
            class(index),
            escape(&run.name),
            run.config.selection.method.name(),
            run.config.seed
        );
        let Some(position) = shown.iter().position(|one| one.index == index) else {
            page.push_str("<td>none yet<td>–<td>–<td>–<td>–<td>–");
            continue;
        };
        let last = shown[position].last;
        let members = members(last);
        let best = members.iter().map(|(_, member)| member.accuracy).fold(0.0, f64::max);
        let size = |member: Option<&(usize, &Individual)>| member.map_or(0, |(_, member)| member.parameters);
        let _ = write!(
            page,
            "<td>{} of {}<td>{}<td>{} – {}<td>{}<td>{}<td>{:.4}",
            last.generation,
            last.generations,
            percent(best),
            grouped(size(members.first())),
            grouped(size(members.last())),
            members.len(),
            joint[position],
            last.hypervolume
        );
    }
    page.push_str(
        "</tbody></table></div><p class=note>Joint front: members that no network of any of these fronts beats in \
         accuracy and number of parameters. Accuracies are those of each run's own shared weights and validation images.\
         </p></section>\n",
    );
}

/// How many members of each front no other network of all fronts dominates, in accuracy and parameters.
fn joint(runs: &[Run<'_>]) -> Vec<usize> {
    let row = |member: &Individual| [-member.accuracy, member.parameters as f64];
    let front = |one: &Run<'_>| -> Vec<[f64; 2]> {
        members(one.last).into_iter().map(|(_, member)| row(member)).collect()
    };
    let all: Vec<[f64; 2]> = runs.iter().flat_map(front).collect();
    let stands = |member: &[f64; 2]| !all.iter().any(|other| dominates(other, member));
    runs.iter().map(|one| front(one).iter().filter(|member| stands(member)).count()).collect()
}

/// The settings in which the runs differ, by key.
fn differences(page: &mut String, runs: &[Compared]) {
    let settings: Vec<BTreeMap<String, String>> = runs.iter().map(|run| settings(&run.config)).collect();
    let keys: BTreeSet<&String> = settings.iter().flat_map(BTreeMap::keys).collect();
    let differ = |key: &&&String| settings.windows(2).any(|pair| pair[0].get(**key) != pair[1].get(**key));
    let differing: Vec<&&String> = keys.iter().filter(differ).collect();
    if differing.is_empty() {
        return;
    }
    page.push_str("<section><h2>Settings that differ</h2><div class=scroll><table><thead><tr><th>Key");
    for (index, run) in runs.iter().enumerate() {
        let _ = write!(page, "<th class=\"text run{index}\">{}", escape(&run.name));
    }
    page.push_str("</thead><tbody>");
    for key in differing {
        let _ = write!(page, "<tr><td>{}", escape(key));
        for (index, settings) in settings.iter().enumerate() {
            let value = settings.get(*key).map_or("–", String::as_str);
            let _ = write!(page, "<td class=\"text run{index}\">{}", escape(value));
        }
    }
    page.push_str("</tbody></table></div></section>\n");
}

/// The keys of a config with their values as text.
fn settings(config: &Config) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    match toml::Value::try_from(config) {
        Ok(value) => collect(String::new(), &value, &mut settings),
        Err(error) => unreachable!("checked settings are no TOML: {error}"),
    }
    settings
}

fn collect(key: String, value: &toml::Value, settings: &mut BTreeMap<String, String>) {
    let toml::Value::Table(table) = value else {
        settings.insert(key, value.to_string());
        return;
    };
    for (name, value) in table {
        let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
        collect(key, value, settings);
    }
}
