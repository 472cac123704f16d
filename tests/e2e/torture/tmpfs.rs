//! A file system in memory that can be made small, so that it fills up. Only root on Linux may mount one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A mounted file system; unmounted when dropped.
pub(super) struct Disk(PathBuf);

/// Mounts one at this path; none where that is not permitted.
pub(super) fn mount(path: &Path) -> Option<Disk> {
    fs::create_dir_all(path).unwrap();
    let arguments = ["-t", "tmpfs", "-o", "size=64m", "cars-torture"];
    is_done(Command::new("mount").args(arguments).arg(path)).then(|| Disk(path.to_path_buf()))
}

impl Disk {
    /// Gives it so many KiB. It cannot shrink below what is in it: then it stays as it is.
    pub(super) fn resize(&self, kib: u32) {
        is_done(Command::new("mount").args(["-o", &format!("remount,size={kib}k")]).arg(&self.0));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The result has been compared; what stays mounted is told by the removal of the folder, which fails.
        is_done(Command::new("umount").arg(&self.0));
    }
}

fn is_done(command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
