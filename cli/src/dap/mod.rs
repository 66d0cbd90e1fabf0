//! `limpid dap`: the Debug Adapter Protocol on standard input and output, for editors. It steps
//! forwards and backwards; what it shows is what `limpid step` shows.
//!
//! Reading order: `wire` (messages), `inbox` (those that wait), `server` (requests and their
//! answers), `look` (what is shown).

mod inbox;
mod look;
mod server;
mod wire;

use super::outcome::Failure;
use super::settings::LayeredSettings;
use clap::Args;
use inbox::Inbox;
use server::Server;
use std::io;

/// What the help ends with.
const EXAMPLES: &str = "\
An editor starts this program and talks to it; docs/editors.md says how to set up VS Code, Neovim\n\
and Emacs. A `launch` request has `program` (a .wat, a .wasm, or a recorded run), and may have\n\
`args`, `invoke`, `limpidArgs` (flags of `run`), `stopOnEntry`, `sourceDir`.";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Dap {}

impl Dap {
    /// Talks until the editor ends the session.
    ///
    /// # Errors
    /// When the other side does not speak the protocol.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        let inbox = Inbox::of_stdin();
        let mut server = Server::new(given, inbox.clone(), Box::new(io::stdout()));
        let broken = |error: io::Error| Failure::failed(format!("the editor: {error}"));
        while let Some(message) = inbox.next().map_err(broken)? {
            if !server.message(&message).map_err(broken)? {
                break;
            }
        }
        Ok(())
    }
}
