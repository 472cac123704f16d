//! The objectives a search can trade off, with their units and directions. Everything inside minimises; the
//! directions are for people and files. Measures nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something an architecture is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// The share of validation images classified correctly, with the shared weights.
    Accuracy,
    /// Trainable numbers of the stand-alone network at the supernet's width and depth.
    Parameters,
    /// Multiply-accumulate operations of that network for one image.
    MultiplyAdds,
    /// Milliseconds that network takes on a device, as predicted from a latency table.
    Latency,
}

/// Which way an objective improves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is better.
    Maximise,
    /// Less is better.
    Minimise,
}

impl Objective {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Accuracy, Self::Parameters, Self::MultiplyAdds, Self::Latency];

    /// The name in the config, in events and in `front.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Parameters => "parameters",
            Self::MultiplyAdds => "multiply-adds",
            Self::Latency => "latency",
        }
    }

    /// Which way it improves.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Accuracy => Direction::Maximise,
            Self::Parameters | Self::MultiplyAdds | Self::Latency => Direction::Minimise,
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_and_shown_names_agree() {
        for objective in Objective::ALL {
            assert_eq!(serde_json::to_string(&objective).unwrap(), format!("\"{objective}\""));
        }
    }
}
