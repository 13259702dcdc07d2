//! The commands that the READMEs and docs/graphql.md show are run from the top, and print what is shown.

use std::path::Path;
use std::process::Command;

use scenarios::server::Server;
use scenarios::tongban;
use serde_json::Value;
use tempfile::TempDir;

#[test]
fn the_english_readme_shows_the_actual_output() {
    follow(include_str!("../../README.md"));
}

#[test]
fn the_chinese_readme_shows_the_actual_output() {
    follow(include_str!("../../README.zh.md"));
}

#[test]
fn the_guide_to_graphql_shows_the_actual_output() {
    let guide = include_str!("../../docs/graphql.md");
    let serve = format!("```sh\n{SERVE}--demo --database sqlite://demo.db\n```\n");
    follow(&format!("{serve}{guide}"));
}

/// The command that a reader leaves running.
const SERVE: &str = "cargo run --release -- serve ";

/// Runs every block of commands in an empty folder, and compares its output with the block below it.
fn follow(document: &str) {
    let folder = TempDir::new().expect("a folder");
    let release = folder.path().join("target/release");
    std::fs::create_dir_all(&release).expect("a folder");
    std::os::unix::fs::symlink(tongban().get_program(), release.join("tongban")).expect("a link");
    let mut server: Option<Server> = None;
    let blocks = blocks(document);
    for (at, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "sh") {
        if let Some(arguments) = block.text.lines().find_map(|line| line.strip_prefix(SERVE)) {
            let mut command = tongban();
            command
                .current_dir(folder.path())
                .arg("serve")
                .args(arguments.split_whitespace())
                .args(["--listen", "127.0.0.1:0"]);
            server = Some(Server::by(&mut command));
            continue;
        }
        let address = server.as_ref().map(Server::address).unwrap_or_default();
        let printed = run(&block.text.replace("127.0.0.1:8080", &address), folder.path());
        let Some(shown) = blocks.get(at + 1).filter(|next| next.language != "sh") else { continue };
        if shown.language == "json" {
            assert_eq!(comparable(&printed), comparable(&shown.text), "{}", block.text);
        } else {
            assert!(shows(&shown.text, &printed), "{}\nprints\n{printed}", block.text);
        }
    }
    assert!(server.is_some(), "the document starts the gateway");
}

/// A fenced block.
struct Block<'d> {
    language: &'d str,
    text: String,
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block { language, text: text.join("\n") });
        }
    }
    blocks
}

/// What the commands print to the terminal, without the log.
fn run(commands: &str, folder: &Path) -> String {
    let output = Command::new("sh")
        .args(["-c", commands])
        .current_dir(folder)
        .env("TONGBAN_LOG", "off")
        .output()
        .expect("a shell");
    let printed = [output.stdout, output.stderr].concat();
    String::from_utf8(printed).expect("text")
}

/// The revision includes the date-driven changes since the demo was written.
fn comparable(json: &str) -> Value {
    // What a command says on stderr may follow.
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
    let mut value = values.next().and_then(Result::ok).unwrap_or_else(|| panic!("it is no JSON: {json}"));
    value["extensions"]["revision"] = Value::Null;
    value
}

/// Line by line; a line with `…` alone stands for the rest.
fn shows(shown: &str, printed: &str) -> bool {
    match shown.strip_suffix("\n…") {
        Some(beginning) => printed.starts_with(beginning),
        None => printed.trim_end() == shown.trim_end(),
    }
}
