//! What must hold for any bytes handed to the readers of genotypes: a network that is written and read back, or an error with
//! words in it. Shared with the fuzz target in `fuzz/`.

use space::{Genotype, NasBench201Cell};

pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match text.parse::<Genotype>() {
        Ok(genotype) => {
            assert_eq!(genotype.to_string().parse().as_ref(), Ok(&genotype));
            // What is text need not be a network, but whether it is can be said.
            let _ = genotype.check();
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(genotype) = serde_json::from_str::<Genotype>(&text) {
        let json = serde_json::to_string(&genotype);
        assert_eq!(json.ok().and_then(|json| serde_json::from_str(&json).ok()), Some(genotype));
    }
    match text.parse::<NasBench201Cell>() {
        Ok(cell) => assert_eq!(cell.to_string().parse().ok(), Some(cell)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
