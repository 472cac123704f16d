//! The files of a folder of classes: which there are and what class they show, some 60 bytes of memory a file. Opens none.

use super::{Corrupt, FolderPart};
use crate::image_set::hexadecimal;
use crate::{DatasetError, ImageFault};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Without a folder of test images, one of so many images of a class is one.
const TEST_SHARE: usize = 10;

/// The files of one part of a folder.
#[derive(Debug)]
pub(super) struct Listing {
    root: PathBuf,
    part: &'static str,
    classes: Vec<String>,
    files: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    class: u32,
    name: Box<OsStr>,
    bytes: u64,
}

impl Listing {
    /// Lists the files of a part; those to be skipped go to `skipped`.
    pub(super) fn read(
        dir: &Path,
        part: FolderPart,
        corrupt: Corrupt,
        skipped: &mut BTreeSet<PathBuf>,
    ) -> Result<Self, DatasetError> {
        if !dir.is_dir() {
            let remedy = "give a folder with a folder of images for each class";
            return Err(DatasetError::MissingFolder { path: dir.to_owned(), remedy: remedy.to_owned() });
        }
        let [train, val] = ["train", "val"].map(|name| dir.join(name));
        if !(train.is_dir() && val.is_dir()) {
            let root = if train.is_dir() { train } else { dir.to_owned() };
            return Self::folder(root, corrupt, skipped)?.tenths(part);
        }
        let (root, other) = match part {
            FolderPart::Train => (train, val),
            FolderPart::Test => (val, train),
        };
        let listing = Self::folder(root, corrupt, skipped)?;
        same_classes(&listing, &other)?;
        Ok(listing)
    }

    fn folder(
        root: PathBuf,
        corrupt: Corrupt,
        skipped: &mut BTreeSet<PathBuf>,
    ) -> Result<Self, DatasetError> {
        let classes = classes(&root)?;
        let mut files = Vec::new();
        for (class, name) in classes.iter().enumerate() {
            let folder = root.join(name);
            let before = files.len();
            for path in entries(&folder)? {
                let unreadable = |source| DatasetError::Unreadable { path: path.clone(), source };
                let meta = fs::metadata(&path).map_err(unreadable)?;
                let fault = if !meta.is_file() || !is_image(&path) {
                    Some(ImageFault::NoImage { what: "no file of a name that ends in .jpg, .jpeg or .png" })
                } else {
                    (meta.len() == 0).then_some(ImageFault::Empty)
                };
                match (fault, path.file_name(), corrupt) {
                    (None, Some(name), _) => {
                        files.push(Entry { class: class as u32, name: name.into(), bytes: meta.len() });
                    }
                    (Some(fault), _, Corrupt::Refuse) => return Err(DatasetError::Image { path, fault }),
                    _ => {
                        skipped.insert(path);
                    }
                }
            }
            if files.len() == before {
                return Err(DatasetError::EmptyClass { path: folder });
            }
        }
        Ok(Self { root, part: "", classes, files })
    }

    /// All but each tenth image of every class, or each tenth one.
    fn tenths(mut self, part: FolderPart) -> Result<Self, DatasetError> {
        let mut seen = vec![0_usize; self.classes.len()];
        self.files.retain(|file| {
            let place = &mut seen[file.class as usize];
            *place += 1;
            place.is_multiple_of(TEST_SHARE) == (part == FolderPart::Test)
        });
        self.part = match part {
            FolderPart::Train => " (nine tenths)",
            FolderPart::Test => " (one tenth)",
        };
        if self.files.is_empty() {
            return Err(DatasetError::Empty {
                what: "a tenth of every class, for lack of a folder `val`, for a test",
            });
        }
        Ok(self)
    }

    pub(super) fn name(&self) -> String {
        format!("{}{}", self.root.display(), self.part)
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn classes(&self) -> &[String] {
        &self.classes
    }

    pub(super) fn label(&self, index: usize) -> u32 {
        self.files[index].class
    }

    pub(super) fn path(&self, index: usize) -> PathBuf {
        let file = &self.files[index];
        self.root.join(&self.classes[file.class as usize]).join(&*file.name)
    }

    /// Keeps the files at `indices`, which ascend.
    pub(super) fn retain(&mut self, indices: &[usize]) {
        let mut wanted = indices.iter().peekable();
        let mut index = 0;
        self.files.retain(|_| {
            index += 1;
            wanted.next_if(|&&next| next + 1 == index).is_some()
        });
    }

    pub(super) fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for class in &self.classes {
            hash.update(class.as_bytes());
            hash.update([0]);
        }
        for file in &self.files {
            hash.update(file.class.to_le_bytes());
            hash.update(file.name.as_encoded_bytes());
            hash.update([0]);
            hash.update(file.bytes.to_le_bytes());
        }
        hexadecimal(&hash.finalize())
    }
}

/// The names of the class folders, sorted.
fn classes(root: &Path) -> Result<Vec<String>, DatasetError> {
    let mut classes = Vec::new();
    for path in entries(root)? {
        let name = path.file_name().and_then(OsStr::to_str);
        match name.filter(|_| path.is_dir()) {
            Some(name) => classes.push(name.to_owned()),
            None if path.is_dir() => {
                let remedy = format!("the folder name {} is no UTF-8; rename it", path.display());
                return Err(DatasetError::NoClasses { path: root.to_owned(), remedy });
            }
            None => {}
        }
    }
    if classes.is_empty() {
        let remedy = "put the images of each class into a folder of its name, there or in `train` and `val`";
        return Err(DatasetError::NoClasses { path: root.to_owned(), remedy: remedy.to_owned() });
    }
    Ok(classes)
}

/// The paths in a folder but those that begin with a dot, sorted by the bytes of their names.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let unreadable = |source| DatasetError::Unreadable { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    Ok(paths)
}

fn is_image(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or("");
    ["jpg", "jpeg", "png"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn same_classes(listing: &Listing, other: &Path) -> Result<(), DatasetError> {
    let others = classes(other)?;
    let stranger = |from: &[String], of: &[String]| from.iter().find(|class| !of.contains(class)).cloned();
    let (here, there) = (listing.root.clone(), other.to_owned());
    if let Some(class) = stranger(&listing.classes, &others) {
        return Err(DatasetError::OtherClasses { class, present: here, absent: there });
    }
    match stranger(&others, &listing.classes) {
        Some(class) => Err(DatasetError::OtherClasses { class, present: there, absent: here }),
        None => Ok(()),
    }
}
