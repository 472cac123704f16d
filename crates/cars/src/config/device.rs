//! The device in a config: its name, as people write it.

use kernels::Device;
use serde::{Deserialize, Deserializer, Serializer, de};

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
pub(super) fn serialize<S: Serializer>(device: &Device, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(device)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Device, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}
