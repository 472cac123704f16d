//! The sets that can be fetched: addresses as their publishers give them, on the page of CIFAR
//! (<https://www.cs.toronto.edu/~kriz/cifar.html>) and in the read-me of Fashion-MNIST
//! (<https://github.com/zalandoresearch/fashion-mnist>). Those give MD5 sums only; the SHA-256 sums are the ones that
//! TensorFlow Datasets records for the same files (<https://github.com/tensorflow/datasets>, `url_checksums`).

use super::{Packing, Remote, RemoteFile};

/// The names that [`find`] knows.
pub const NAMES: [&str; 3] = ["cifar-10", "cifar-100", "fashion-mnist"];

/// The set of a name.
pub fn find(name: &str) -> Option<Remote> {
    let file = |base: &str, (name, sha256): (&str, &str)| RemoteFile {
        url: format!("{base}{name}"),
        name: name.to_owned(),
        sha256: sha256.to_owned(),
    };
    let archive = |folder: &str, entry| {
        let packing = Packing::Tar { folder: folder.to_owned() };
        Remote {
            name: name.to_owned(),
            files: vec![file("https://www.cs.toronto.edu/~kriz/", entry)],
            packing,
        }
    };
    match name {
        "cifar-10" => {
            let entry = (
                "cifar-10-binary.tar.gz",
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            );
            Some(archive("cifar-10-batches-bin", entry))
        }
        "cifar-100" => {
            let entry = (
                "cifar-100-binary.tar.gz",
                "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            );
            Some(archive("cifar-100-binary", entry))
        }
        "fashion-mnist" => {
            let base = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/";
            let files = FASHION_MNIST.map(|entry| file(base, entry)).to_vec();
            Some(Remote { name: name.to_owned(), files, packing: Packing::Plain })
        }
        _ => None,
    }
}

const FASHION_MNIST: [(&str, &str); 4] = [
    ("train-images-idx3-ubyte.gz", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
    ("train-labels-idx1-ubyte.gz", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    ("t10k-images-idx3-ubyte.gz", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    ("t10k-labels-idx1-ubyte.gz", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
];
