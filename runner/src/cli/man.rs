//! `goproctor man`

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::{Args, Command};
use clap_mangen::Man;

use super::Failure;
use crate::report::ExitCode;

/// `goproctor man`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    goproctor man | man -l -                            read it\n  \
    goproctor man --to ~/.local/share/man/man1          man goproctor, man goproctor-run, …\n\n\
    `make install` puts them in place.")]
pub struct ManArguments {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
}

/// Prints the manual as one page, or writes its pages.
///
/// # Errors
/// It can't be written.
pub(super) fn run(arguments: &ManArguments, command: Command) -> Result<ExitCode, Failure> {
    match &arguments.to {
        None => io::stdout().write_all(whole(command)?.as_bytes())?,
        Some(folder) => pages(command, folder).map_err(|error| {
            Failure::world(format!(
                "cannot write man pages to {}: {error}",
                folder.display()
            ))
        })?,
    }
    Ok(ExitCode::Passed)
}

fn pages(command: Command, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command, folder)
}

/// The page of a command with those of its subcommands in it.
fn whole(mut command: Command) -> io::Result<String> {
    command.build();
    let mut page = text(|out| Man::new(command.clone()).render(out))?;
    for subcommand in command.get_subcommands() {
        let name = subcommand.get_bin_name().unwrap_or_default().to_uppercase();
        let man = Man::new(subcommand.clone());
        page.push_str(&format!(".SH \"{name}\"\n"));
        for section in [
            text(|out| man.render_description_section(out))?,
            text(|out| man.render_synopsis_section(out))?,
            text(|out| man.render_options_section(out))?,
            text(|out| extra(&man, subcommand, out))?,
        ] {
            page.push_str(&below(&section));
        }
    }
    Ok(page)
}

/// What its help says after the options, if it says something.
fn extra(man: &Man, command: &Command, out: &mut Vec<u8>) -> io::Result<()> {
    match command.get_after_help() {
        Some(_) => man.render_extra_section(out),
        None => Ok(()),
    }
}

fn text(render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<String> {
    let mut out = Vec::new();
    render(&mut out)?;
    String::from_utf8(out).map_err(io::Error::other)
}

/// A section as one within another: without its heading where it is the description, and without the quotation mark that roff defines
/// before each text.
fn below(section: &str) -> String {
    let lines = section.lines();
    let lines = lines.filter(|line| {
        *line != ".SH DESCRIPTION" && !line.contains(" .ds Aq ") && *line != ".el .ds Aq '"
    });
    let lines = lines.map(|line| match line.strip_prefix(".SH ") {
        Some(heading) => format!(".SS {heading}\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::{pages, whole};

    fn command() -> Command {
        let go = Command::new("go")
            .about("Go there")
            .arg(Arg::new("far").long("far").help("How far"));
        Command::new("tool")
            .version("1.0")
            .about("A tool")
            .subcommand(go)
    }

    #[test]
    fn the_one_page_has_all_commands() {
        let page = whole(command()).unwrap();
        for piece in [
            ".TH tool 1",
            ".SH \"TOOL GO\"",
            "Go there",
            ".SS OPTIONS",
            "How far",
        ] {
            assert!(page.contains(piece), "{piece}: {page}");
        }
        assert_eq!(page.matches(".TH ").count(), 1);
    }

    #[test]
    fn each_command_has_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("man/man1");
        pages(command(), &below).unwrap();
        for name in ["tool.1", "tool-go.1"] {
            assert!(below.join(name).is_file(), "{name}");
        }
    }
}
