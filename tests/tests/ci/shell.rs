//! `goproctor completions` and `goproctor man`, in a shell and in groff.

use super::place::{Place, text};

/// What bash offers for a beginning of a command line.
fn offered(words: &str) -> Vec<String> {
    let place = Place::of_case("passes/list");
    let script = format!(
        "source <(goproctor completions bash)
         COMP_WORDS=({words})
         COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
         function=$(complete -p goproctor | sed -E 's/.*-F ([^ ]+).*/\\1/')
         current=${{COMP_WORDS[$COMP_CWORD]}} previous=${{COMP_WORDS[$COMP_CWORD - 1]}}
         $function goproctor \"$current\" \"$previous\" || true
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let output = place.bash(&script, &[]);
    assert!(output.status.success(), "{}", text(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_flags_and_files() {
    assert_eq!(offered("goproctor ru"), ["run"]);
    assert_eq!(offered("goproctor run --part"), ["--partition"]);
    assert_eq!(offered("goproctor completions z"), ["zsh"]);
    assert!(offered("goproctor run --junit s").contains(&"slow.proctor.toml".to_owned()));
}

/// Each shell takes what is printed for it, where it is there to be asked.
#[test]
fn shells_take_their_completions() {
    let place = Place::of_case("passes/list");
    for (shell, check) in [
        ("bash", "bash -n"),
        ("zsh", "zsh -n"),
        ("fish", "fish --no-execute"),
    ] {
        let script = format!(
            "command -v {shell} >/dev/null || exit 0
             goproctor completions {shell} > completions
             {check} completions"
        );
        let output = place.bash(&script, &[]);
        assert!(output.status.success(), "{shell}: {}", text(&output));
    }
    for shell in ["elvish", "powershell"] {
        let output = place.bash(&format!("goproctor completions {shell}"), &[]);
        assert!(
            text(&output).contains("partition"),
            "{shell}: {}",
            text(&output)
        );
    }
}

#[test]
fn groff_has_nothing_to_say_against_the_pages() {
    let place = Place::of_case("passes/list");
    let script = "goproctor man --to man1 && goproctor man > whole.1
        for page in man1/*.1 whole.1; do
          groff -ww -K utf8 -man -T utf8 -z \"$page\"
        done
        ls man1";
    let output = place.bash(script, &[]);
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let pages = String::from_utf8(output.stdout).unwrap();
    let help = place.bash("goproctor --help", &[]);
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split("Commands:\n").nth(1).unwrap();
    let commands = commands.lines().take_while(|line| !line.is_empty());
    for command in commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()) {
        if !command.is_empty() {
            assert!(
                pages.contains(&format!("goproctor-{command}.1\n")),
                "{command}: {pages}"
            );
        }
    }
}

#[test]
fn the_manual_as_one_page_has_each_command_and_its_flags() {
    let place = Place::of_case("passes/list");
    let output = place.bash("goproctor man | groff -K utf8 -man -T utf8 -P -cbou", &[]);
    let page = String::from_utf8(output.stdout).unwrap();
    for piece in [
        "GOPROCTOR RUN",
        "GOPROCTOR DOCTOR",
        "--partition",
        "--capabilities",
        "Exit codes:",
    ] {
        assert!(page.contains(piece), "{piece}: {page}");
    }
}
