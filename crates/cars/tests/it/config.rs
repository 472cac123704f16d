//! Layers, ranges and the messages a person gets for each kind of slip.

use cars::config::{
    Checked, CheckedConfig, CheckedRecipe, Config, ConfigError, Layered, Layers, Objective, Origin, Recipe,
    Settings, Source, Text, annotated,
};

fn load(text: &str, overrides: &[(&str, &str)]) -> Result<CheckedConfig, ConfigError> {
    let overrides: Vec<_> = overrides.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Layered::new(Some(Text { name: "search.toml", text }), &overrides)?.check()
}

#[track_caller]
fn refused(text: &str, overrides: &[(&str, &str)], message: &str) {
    assert_eq!(load(text, overrides).unwrap_err().to_string(), message);
}

#[track_caller]
fn out_of_range(key: &str, value: &str) {
    let error = load("", &[(key, value)]).unwrap_err();
    assert!(
        matches!(&error, ConfigError::Invalid { key: found, origin: Some(Origin::CommandLine), .. } if found == key),
        "{error}"
    );
    assert!(error.to_string().contains("expected") || error.to_string().contains("twice"), "{error}");
}

#[test]
fn the_default_runs() {
    let config = Config::default().check().unwrap();
    assert_eq!(config.data.source, Source::BuiltIn);
    assert_eq!(load("", &[]).unwrap(), config);
}

#[test]
fn later_layers_win() {
    let text = "seed = 3\n[training]\nepochs = 40 # many\nlearning_rate = 1\n[data]\npadding = 2\n";
    let config =
        load(text, &[("training.epochs", "50"), ("data.padding", "1"), ("data.padding", "3")]).unwrap();
    assert_eq!((config.seed, config.training.epochs, config.data.padding), (3, 50, 3));
    assert_eq!(config.training.learning_rate, 1.0);
}

#[test]
fn overrides_need_no_quotes() {
    let config = load(
        "",
        &[
            ("name", "night run".replace(' ', "-").as_str()),
            ("selection.method", "nsga2"),
            ("selection.objectives", "accuracy, multiply-adds"),
            ("evolution.primitives", "[\"sep_conv_3x3\", \"none\"]"),
            ("data.flip", "false"),
            ("training.gradient_clip", "inf"),
        ],
    )
    .unwrap();
    assert_eq!(config.objectives(), [Objective::Accuracy, Objective::MultiplyAdds]);
    assert_eq!(config.evolution.primitives.len(), 2);
    assert_eq!(config.augmentation().flip, datasets::Flip::Never);
    assert_eq!(config.training.gradient_clip, f64::INFINITY);
}

#[test]
fn the_stored_text_gives_the_same_config() {
    let text = "[data]\nsource = \"cifar-100\"\ndir = \"a \\\"b\\\"\"\ntrain = 0\nvalidation = 100\n";
    let config = load(text, &[("training.weight_decay", "1e-7"), ("training.gradient_clip", "inf")]).unwrap();
    assert_eq!(load(&config.to_toml(), &[]).unwrap(), config);
    assert_eq!(config.train_images(), 25_000);
    assert_eq!(config.macro_plan().classes, 100);
}

#[test]
fn the_shipped_configs_run() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let needs_files = text.contains("cifar-10\"");
        let overrides: &[_] = if needs_files { &[("data.dir", "images")] } else { &[] };
        if path.file_name().unwrap().to_string_lossy().starts_with("train-") {
            continue;
        }
        load(&text, overrides).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        count += 1;
    }
    assert!(count >= 3);
}

#[test]
fn the_papers_setting_is_the_papers() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/cifar10.toml");
    let config = load(&std::fs::read_to_string(path).unwrap(), &[("data.dir", "x")]).unwrap();
    assert_eq!(config.generations(), 45);
    assert_eq!((config.train_images(), config.validation_images()), (25_000, 25_000));
    assert_eq!(config.macro_plan(), space::MacroPlan::search());
    assert_eq!(config.evolution_settings().raw(), &evolution::Settings::default());
}

#[test]
fn a_misspelt_key_is_named_with_its_line_and_a_suggestion() {
    refused(
        "seed = 1\n\n[training]\nepoch = 5\n",
        &[],
        "search.toml:4: unknown key `training.epoch`; did you mean `training.epochs`?",
    );
    refused(
        "[trainning]\nepochs = 5\n",
        &[],
        "search.toml:1: unknown key `trainning`; did you mean `training`?",
    );
    refused(
        "",
        &[("learning_rate", "1")],
        "command line: unknown key `learning_rate`; did you mean `training.learning_rate`?",
    );
    refused(
        "[data]\nzebra = 1\n",
        &[],
        "search.toml:2: unknown key `data.zebra`; `cars config show` lists all keys",
    );
    refused("seed.x = 1\n", &[], "search.toml:1: `seed` is a section: expected a whole number");
    refused(
        "training = 1\n",
        &[],
        "search.toml:1: `training` is 1: expected a section, written [training] on a line of its own",
    );
    refused(
        "",
        &[("training", "1")],
        "command line: `training` is 1: expected a section, written [training] on a line of its own",
    );
}

#[test]
fn a_wrong_type_is_named_with_what_was_found() {
    refused(
        "[training]\nepochs = \"many\"\n",
        &[],
        "search.toml:2: `training.epochs` is \"many\": expected a whole number",
    );
    refused("seed = 1.5\n", &[], "search.toml:1: `seed` is 1.5: expected a whole number");
    refused("seed = -1\n", &[], "search.toml:1: `seed` is -1: expected 0 or more");
    refused("[data]\nflip = 1\n", &[], "search.toml:2: `data.flip` is 1: expected true or false");
    refused(
        "",
        &[("training.epochs", "many")],
        "command line: `training.epochs` is \"many\": expected a whole number",
    );
    refused(
        "[selection]\nmethod = \"nsga4\"\n",
        &[],
        "search.toml:2: `selection.method` is \"nsga4\": expected one of `pnsga3-released`, `pnsga3-paper`, `nsga3`, `nsga2`",
    );
    refused(
        "",
        &[("evolution.primitives", "sepconv_3x3")],
        "command line: `evolution.primitives` is [\"sepconv_3x3\"]: unknown primitive `sepconv_3x3`; did you mean `sep_conv_3x3`?",
    );
}

#[test]
fn broken_toml_is_named_with_its_place() {
    let error = load("seed = 1\n[training\n", &[]).unwrap_err();
    assert!(matches!(error, ConfigError::Syntax { line: 2, .. }), "{error}");
    let error = load("seed = 1\nseed = 2\n", &[]).unwrap_err();
    assert!(matches!(error, ConfigError::Syntax { line: 2, column: 1, .. }), "{error}");
}

#[test]
fn every_range_is_kept() {
    for (key, values) in [
        ("name", &["", "a/b", ".hidden", "a b"][..]),
        ("data.train", &["0", "99999999"]),
        ("data.validation", &["0"]),
        ("data.padding", &["32"]),
        ("network.channels", &["0", "2000"]),
        ("network.cells", &["0", "1000"]),
        ("training.epochs", &["0", "1"]),
        ("training.warm_up_epochs", &["1000"]),
        ("training.batch_size", &["1", "100000"]),
        ("training.learning_rate", &["0", "-1", "nan", "inf"]),
        ("training.learning_rate_min", &["-0.1", "1", "nan"]),
        ("training.momentum", &["1", "-0.5", "nan"]),
        ("training.weight_decay", &["-1", "2"]),
        ("training.gradient_clip", &["0", "-1", "nan"]),
        ("training.paths_per_step", &["0", "1000000"]),
        ("evolution.population", &["1", "1000000"]),
        ("evolution.interval", &["0", "7", "1000"]),
        ("evolution.offspring", &["0", "nan", "1000"]),
        ("evolution.mutation", &["1.5", "-1"]),
        ("evolution.crossover", &["0.8", "nan"]),
        ("evolution.gene_probability", &["1.1"]),
        ("evolution.primitives", &["[]", "skip_connect,skip_connect"]),
        ("selection.objectives", &["[]", "accuracy", "parameters,accuracy", "accuracy,parameters,accuracy"]),
        ("evaluation.recalibration_images", &["1", "99999999"]),
        ("evaluation.batch_size", &["0"]),
    ] {
        for value in values {
            out_of_range(key, value);
        }
    }
    let error = load("", &[("evolution.primitives", "sep_conv_7x7")]).unwrap_err();
    assert!(error.to_string().contains("sep_conv_7x7 is not among the eight primitives"), "{error}");
}

#[test]
fn files_and_their_folder_go_together() {
    let error = load("[data]\nsource = \"cifar-10\"\n", &[]).unwrap_err();
    assert!(error.to_string().ends_with("add --data-dir DIR"), "{error}");
    let error = load("[data]\ndir = \"x\"\n", &[]).unwrap_err();
    assert!(error.to_string().starts_with("search.toml:2: `data.dir` is \"x\""), "{error}");
    let both = &[
        ("data.source", "cifar-10"),
        ("data.dir", "x"),
        ("data.train", "40000"),
        ("data.validation", "20000"),
    ];
    refused(
        "",
        both,
        "command line: `data.validation` is 20000: with data.train = 40000 it exceeds the 50000 images there are",
    );
}

#[test]
fn the_digest_sees_what_changes_results() {
    let digest = |overrides| load("", overrides).unwrap().digest();
    let plain = digest(&[]);
    assert_eq!(plain.len(), 16);
    assert_eq!(digest(&[("name", "other")]), plain);
    assert_eq!(digest(&[("device", "cuda:1")]), plain);
    // That of builds that knew no precision: their runs go on.
    assert_eq!(plain, "46f7dab0d39e47b0");
    assert_ne!(digest(&[("device", "cuda"), ("precision", "bf16")]), plain);
    assert_ne!(digest(&[("seed", "11")]), plain);
    assert_ne!(digest(&[("evaluation.batch_size", "50")]), plain);
}

#[test]
fn the_annotated_text_names_origins_and_is_still_toml() {
    let overrides = [("training.momentum".to_owned(), "0.5".to_owned())];
    let layered = Layered::new(Some(Text { name: "a.toml", text: "seed = 4\n" }), &overrides).unwrap();
    let origins = layered.origins.clone();
    let config = layered.check().unwrap();
    let text = annotated(&config, &origins);
    assert!(
        text.contains("seed = 4  # a.toml:1\n") && text.contains("momentum = 0.5  # command line\n"),
        "{text}"
    );
    assert_eq!(load(&text, &[]).unwrap(), config);
}

fn recipe(text: &str, overrides: &[(&str, &str)]) -> Result<CheckedRecipe, ConfigError> {
    let overrides: Vec<_> = overrides.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Layers::<Recipe>::new(Some(Text { name: "train.toml", text }), &overrides)?.check()
}

fn shipped(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn the_shipped_recipes_are_the_default_and_the_papers() {
    let small = recipe(&shipped("train-small.toml"), &[("genotype", "cars-a")]).unwrap();
    let default = Recipe { genotype: Some("CARS_A".to_owned()), ..Recipe::default() };
    assert_eq!(small, Settings::check(default).unwrap());
    let full = recipe(&shipped("train-cifar.toml"), &[("genotype", "cars-i"), ("data.dir", "x")]).unwrap();
    assert_eq!(full.plan(), space::MacroPlan::cifar());
    assert_eq!((full.train_images(), full.test_images()), (50_000, 10_000));
    assert_eq!((full.training.epochs, full.training.batch_size, full.data.cutout), (600, 96, 16));
    assert_eq!(recipe(&full.to_toml(), &[]).unwrap(), full);
    let imagenet =
        recipe(&shipped("train-imagenet.toml"), &[("genotype", "cars-i"), ("data.dir", "x")]).unwrap();
    assert_eq!(imagenet.plan(), space::MacroPlan::imagenet());
    assert_eq!(imagenet.augmentation(), datasets::Augmentation::IMAGE_NET);
    assert_eq!((imagenet.training.label_smoothing, imagenet.training.epochs), (0.1, 250));
    let short = recipe(&shipped("train-cifar-small.toml"), &[("genotype", "cars-i"), ("data.dir", "x")]);
    assert_eq!(short.unwrap().plan(), space::MacroPlan::custom(16, 2));
}

#[test]
fn a_recipe_names_what_it_refuses() {
    for (key, value) in [
        ("training.drop_path", "1.0"),
        ("training.auxiliary_weight", "-1"),
        ("training.label_smoothing", "1.0"),
        ("training.schedule", "linear"),
        ("training.batch_size", "1"),
        ("data.cutout", "65"),
        ("genotype", "Genotype()"),
        ("network.channels", "0"),
    ] {
        let error = recipe("genotype = \"cars-a\"\n", &[(key, value)]).unwrap_err().to_string();
        assert!(error.contains(key), "{key}: {error}");
    }
    let exponential = "genotype = \"cars-a\"\n[training]\nschedule = \"exponential\"\n";
    let error = recipe(exponential, &[]).unwrap_err().to_string();
    assert!(error.contains("training.learning_rate_min") && error.contains("more than 0"), "{error}");
    assert!(recipe("", &[]).unwrap_err().to_string().contains("expected a network"));
}
