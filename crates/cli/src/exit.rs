//! How the program ends: exit codes, and an error as one line with all its causes. Decides nothing else.

use std::process::ExitCode;

use anyhow::Error;
use cars::config::ConfigError;

/// The user's input is wrong, and trying again without changing it is of no use.
#[derive(Debug)]
pub(crate) struct WrongInput(pub(crate) Error);

impl std::fmt::Display for WrongInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for WrongInput {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// 2 if what was typed or configured is wrong; 1 for any other failure, as of files and folders.
pub(crate) fn code(error: &Error) -> ExitCode {
    ExitCode::from(number(error))
}

/// The same as a number.
pub(crate) fn number(error: &Error) -> u8 {
    if error.chain().any(is_wrong_input) { 2 } else { 1 }
}

/// The process was asked to stop, and did so in order.
pub(crate) fn interrupted() -> ExitCode {
    ExitCode::from(130)
}

/// What was to be equal is not.
pub(crate) fn different() -> ExitCode {
    ExitCode::from(3)
}

/// The error and its causes, each said once: many messages already end in that of their cause.
pub(crate) fn message(error: &Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

fn is_wrong_input(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<ConfigError>() || error.is::<WrongInput>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{Context, anyhow};

    #[test]
    fn causes_are_said_once() {
        let cause = || anyhow!("permission denied");
        assert_eq!(message(&cause().context("cannot read a.toml")), "cannot read a.toml: permission denied");
        assert_eq!(
            message(&cause().context("cannot read a.toml: permission denied")),
            "cannot read a.toml: permission denied"
        );
    }

    #[test]
    fn wrong_input_is_told_from_failure() {
        let wrong = || Err::<(), _>(WrongInput(anyhow!("line 3")));
        assert_eq!(code(&wrong().unwrap_err().into()), ExitCode::from(2));
        assert_eq!(code(&wrong().context("describe").unwrap_err()), ExitCode::from(2));
        assert_eq!(code(&anyhow!("line 3")), ExitCode::FAILURE);
        let unknown = ConfigError::UnknownKey {
            key: "sed".to_owned(),
            origin: cars::config::Origin::CommandLine,
            suggestion: None,
        };
        assert_eq!(code(&unknown.into()), ExitCode::from(2));
    }
}
