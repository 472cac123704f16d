//! A trained network on images it was not trained on: top-1, top-5, classes and confusion. Batch-norm uses its running
//! statistics, as any deployed network does. Trains nothing.

use std::fmt::Write as _;
use std::ops::Range;

use datasets::{Loader, LoaderConfig};
use kernels::Opened;
use serde::{Deserialize, Serialize};
use supernet::{Backend, Network, SupernetError};

use crate::config::CheckedRecipe;
use crate::report::Reported;
use crate::run::images::{image_set, normalisation, test_set};
use crate::run::saved::Saved;
use crate::run::{Hardware, RunError};
use crate::run_dir::TrainingDir;

/// What a test found, as `evaluation.json` holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The version of this form.
    pub schema: u32,
    /// The digest of the recipe.
    pub config: String,
    /// Epochs of training behind the network.
    pub epochs: usize,
    /// The test images: name and fingerprint.
    pub data: String,
    /// The first of them that was looked at, counted from 0.
    pub first: usize,
    /// How many were looked at.
    pub images: usize,
    /// The share whose class has the highest score.
    pub top_1: f64,
    /// The share whose class is among the five highest scores; only with more than five classes.
    pub top_5: Option<f64>,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// Images by class (row) and class of the highest score (column).
    pub confusion: Vec<Vec<usize>>,
}

/// What a test found about one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassResult<'a> {
    /// Its name.
    pub name: &'a str,
    /// Images of it.
    pub images: usize,
    /// The share of them that were taken for it; none without images.
    pub recall: Option<f64>,
    /// The share of it among the images taken for it; none if there were none.
    pub precision: Option<f64>,
}

/// Tests the network of the newest whole checkpoint on the test images of its recipe, or on those in a range of positions
/// among them, writes `evaluation.json` and brings the report up to date.
pub fn evaluate(
    directory: &TrainingDir,
    hardware: &Hardware,
    range: Option<Range<usize>>,
) -> Result<Evaluation, RunError> {
    let evaluation =
        match hardware.open_for(directory.config().device, directory.config().precision, &mut [])? {
            Opened::Cpu(cpu) => test(cpu, directory, range)?,
            Opened::Cuda(cuda) => test(cuda, directory, range)?,
        };
    directory.write_evaluation(&evaluation.to_json())?;
    let files = directory.report_files();
    files.write(&CheckedRecipe::report(&files, None)?)?;
    Ok(evaluation)
}

fn test<B: Backend>(
    backend: B,
    directory: &TrainingDir,
    range: Option<Range<usize>>,
) -> Result<Evaluation, RunError> {
    let recipe: &CheckedRecipe = directory.config();
    let (settings, plan) = (recipe.data.images(), recipe.plan());
    let found = directory.latest_checkpoint::<Saved<[f64; 2]>>()?;
    let checkpoint = found.checkpoint.ok_or(RunError::Untrained)?;
    let train = image_set(&settings, &plan, recipe.train_images())?;
    let origin = [recipe.digest(), train.description()];
    RunError::check_origin(&checkpoint.file, &checkpoint.state.origin, &origin)?;
    let constants = normalisation(settings.source, &train, &(0..train.len()).collect::<Vec<_>>())?;
    let mut network = Network::new(backend, recipe.genotype(), &plan, recipe.seed)?;
    network.load(&checkpoint.weights)?;

    let set = test_set(&settings, &plan, recipe.test_images())?;
    let range = range.unwrap_or(0..set.len());
    if range.is_empty() || range.end > set.len() {
        return Err(RunError::NoSuchImages { first: range.start, end: range.end, images: set.len() });
    }
    let first = range.start;
    let classes = set.class_names().len();
    let mut confusion = vec![vec![0; classes]; classes];
    let mut in_five = 0;
    let plain = LoaderConfig::evaluation(recipe.evaluation.batch_size, constants);
    let mut loader = Loader::new(set.clone(), range.collect(), plain)?;
    let mut batches = loader.epoch(0, 0)?;
    while let Some(batch) = batches.next_batch()? {
        let logits = network.logits(&mut network.batch(&batch.images, &batch.labels)?)?;
        for (scores, &label) in logits.chunks_exact(classes).zip(&batch.labels) {
            if let Some(score) = scores.iter().find(|score| !score.is_finite()) {
                return Err(SupernetError::NotFinite { loss: f64::from(*score) }.into());
            }
            let label = label as usize;
            confusion[label][best(scores)] += 1;
            in_five += usize::from(rank(scores, label) < 5);
        }
    }
    // Files that cannot be decoded may have been left out.
    let images: usize = confusion.iter().flatten().sum();
    let share = |count: usize| count as f64 / images as f64;
    Ok(Evaluation {
        schema: 1,
        config: recipe.digest(),
        epochs: checkpoint.state.position.epoch,
        data: set.description(),
        first,
        images,
        top_1: share((0..classes).map(|class| confusion[class][class]).sum()),
        top_5: (classes > 5).then(|| share(in_five)),
        classes: set.class_names().to_vec(),
        confusion,
    })
}

/// The class of the highest score; of equal ones the first.
fn best(scores: &[f32]) -> usize {
    (0..scores.len()).find(|&class| rank(scores, class) == 0).unwrap_or(0)
}

/// How many classes come before this one: those with a higher score, and earlier ones with an equal score.
fn rank(scores: &[f32], class: usize) -> usize {
    let own = scores[class];
    let before = |(other, &score): (usize, &f32)| score > own || (score == own && other < class);
    scores.iter().enumerate().filter(|&entry| before(entry)).count()
}

impl Evaluation {
    /// The text of `evaluation.json`.
    pub fn to_json(&self) -> String {
        match serde_json::to_string_pretty(self) {
            Ok(text) => text + "\n",
            Err(error) => unreachable!("an evaluation is no JSON: {error}"),
        }
    }

    /// Reads what [`Evaluation::to_json`] wrote.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The classes one by one.
    pub fn by_class(&self) -> Vec<ClassResult<'_>> {
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        let result = |(class, name): (usize, _)| {
            let right = self.confusion[class][class];
            let images = self.confusion[class].iter().sum();
            let answers = self.confusion.iter().map(|row| row[class]).sum();
            ClassResult { name, images, recall: share(right, images), precision: share(right, answers) }
        };
        self.classes.iter().map(String::as_str).enumerate().map(result).collect()
    }

    /// Top-1, top-5, a line a class and, for up to twenty classes, the confusion matrix, as plain text.
    pub fn table(&self) -> String {
        let mut text =
            format!("{} images, {} epochs: top-1 {:.2} %", self.images, self.epochs, 100.0 * self.top_1);
        // Writing to a string cannot fail.
        if let Some(top_5) = self.top_5 {
            let _ = write!(text, ", top-5 {:.2} %", 100.0 * top_5);
        }
        let _ = writeln!(text, "\n\n  #  {:24} {:>7} {:>8} {:>9}", "class", "images", "recall", "precision");
        for (class, ClassResult { name, images, recall, precision }) in
            self.by_class().into_iter().enumerate()
        {
            let [recall, precision] = [recall, precision].map(percent);
            let _ = writeln!(text, "{class:3}  {name:24} {images:>7} {recall:>8} {precision:>9}");
        }
        if self.classes.len() <= 20 {
            let _ = writeln!(text, "\nclass (row) taken for (column)");
            let header: Vec<usize> = (0..self.classes.len()).collect();
            let _ = writeln!(text, "   {}", columns(&header));
            for (class, row) in self.confusion.iter().enumerate() {
                let _ = writeln!(text, "{class:3}{}", columns(row));
            }
        }
        text
    }
}

/// Counts in columns of six.
fn columns(counts: &[usize]) -> String {
    counts.iter().fold(String::new(), |mut row, count| {
        // Writing to a string cannot fail.
        let _ = write!(row, "{count:>6}");
        row
    })
}

/// A share in percent; a dash where there is nothing to share.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1} %", 100.0 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_rank_by_class() {
        let scores = [0.5, 2.0, 2.0, -1.0];
        assert_eq!([0, 1, 2, 3].map(|class| rank(&scores, class)), [2, 0, 1, 3]);
        assert_eq!(best(&scores), 1);
    }

    #[test]
    fn the_table_counts_rows_and_columns() {
        let evaluation = Evaluation {
            schema: 1,
            config: String::new(),
            epochs: 3,
            data: String::new(),
            first: 0,
            images: 4,
            top_1: 0.75,
            top_5: None,
            classes: ["cat", "dog"].map(str::to_owned).to_vec(),
            confusion: vec![vec![1, 1], vec![0, 2]],
        };
        let table = evaluation.table();
        let line = |start: &str| table.lines().find(|line| line.contains(start)).unwrap();
        assert!(line("images, ").ends_with("top-1 75.00 %"), "{table}");
        assert!(line("cat").ends_with("2   50.0 %   100.0 %"), "{table}");
        assert!(line("dog").ends_with("2  100.0 %    66.7 %"), "{table}");
    }
}
