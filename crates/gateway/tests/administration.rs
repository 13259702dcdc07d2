//! The command line for administrators: which database it takes, which files it writes, and that it reveals no secrets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A working folder, under a umask that removes no permission.
struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(&[], arguments)
    }

    fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "umask 000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_tongban")]).args(arguments);
        shell
            .env_clear()
            .env("LANG", "en_GB.UTF-8")
            .envs(environment.iter().copied())
            .current_dir(self.0.path())
            .output()
            .expect("it runs")
    }

    /// Runs a command that must fail with this code, and returns stderr.
    fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stderr)
    }

    fn does(&self, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        output
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[cfg(unix)]
    fn mode(&self, name: &str) -> u32 {
        use std::os::unix::fs::PermissionsExt as _;
        self.path(name).metadata().expect("a file").permissions().mode() & 0o777
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn records() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records.ndjson").display().to_string()
}

const URL: &str = "sqlite://tongban.db";

#[test]
fn administration_creates_no_registry_and_logs_the_one_that_it_used() {
    let shell = Shell::new();
    let ask = ["ask", "--matter", "LGA000000001", "--receiving", "440115", "--competent", "310112"];
    for arguments in [
        &["key", "issue", "--role", "partner", "--name", "x", "--days", "1"][..],
        &["key", "list"],
        &["key", "revoke", "key_1"],
        &["backup", "b1"],
        &["verify"],
        &["export"],
        &["import", &records()],
        &ask,
    ] {
        let said = shell.fails(1, arguments);
        let named = format!("sqlite://{}", shell.path("tongban.db").display());
        assert!(said.contains("there is no registry at") && said.contains(&named), "{arguments:?}: {said}");
        assert_eq!(shell.files(), Vec::<String>::new(), "{arguments:?}");
        if arguments[0] != "import" {
            shell.fails(1, &[arguments, &["--database", URL]].concat());
            assert_eq!(shell.files(), Vec::<String>::new(), "{arguments:?}");
        }
    }
    shell.does(&["check-config"]);
    assert_eq!(shell.files(), Vec::<String>::new());

    let records = records();
    let import = shell.does(&["import", "--database", URL, &records]);
    for arguments in [&["key", "list"][..], &["verify"], &["backup", "b1"], &["export"], &["migrate"]] {
        let output = shell.does(arguments);
        for said in [text(&output.stderr), text(&import.stderr)] {
            assert!(
                said.contains(&format!("sqlite://{}", shell.path("tongban.db").display())),
                "{arguments:?}: {said}"
            );
        }
    }
    let empty = shell.run_with(&[("TONGBAN_DATABASE", "")], &["key", "list"]);
    assert!(!empty.status.success() && text(&empty.stderr).contains("is empty"), "{}", text(&empty.stderr));
}

#[cfg(unix)]
#[test]
fn written_files_are_readable_by_their_owner_only_whatever_the_umask() {
    let shell = Shell::new();
    shell.does(&["import", "--database", URL, &records()]);
    shell.does(&["backup", "backup.ndjson"]);
    shell.does(&["export", "--out", "all.ndjson"]);
    shell.does(&["restore", "backup.ndjson", "--database", "sqlite://restored.db"]);
    let modes: Vec<_> = shell.files().into_iter().map(|name| (shell.mode(&name), name)).collect();
    assert!(modes.iter().all(|(mode, _)| *mode == 0o600) && modes.len() >= 4, "{modes:?}");
}

#[cfg(unix)]
#[test]
fn a_backup_replaces_a_file_only_with_force_and_never_a_link() {
    let shell = Shell::new();
    shell.does(&["import", "--database", URL, &records()]);
    shell.does(&["backup", "backup"]);
    let first = fs::read(shell.path("backup")).expect("a file");
    assert!(shell.fails(1, &["backup", "backup"]).contains("--force"));
    shell.does(&["backup", "--force", "backup"]);
    assert!(shell.fails(1, &["export", "--out", "backup"]).contains("--force"));
    fs::write(shell.path("precious"), "mine").expect("a file");
    std::os::unix::fs::symlink("precious", shell.path("link")).expect("a link");
    for target in ["link", "/dev/null", "."] {
        shell.fails(1, &["backup", "--force", target]);
    }
    assert_eq!(fs::read_to_string(shell.path("precious")).expect("a file"), "mine");
    let piped = shell.does(&["backup", "-"]);
    assert_eq!(piped.stdout, first);
    assert!(!shell.files().iter().any(|name| name.ends_with(".part")));
}

#[test]
fn no_password_is_printed_or_logged() {
    let shell = Shell::new();
    let nowhere = "127.0.0.1:1";
    for url in [
        format!("postgres://tongban:SE%40CRET@{nowhere}/tongban"),
        format!("postgres://tongban:SE@CRET@{nowhere}/tongban"),
        format!("postgres://tongban@{nowhere}/tongban?password=SECRET"),
        format!("postgres://tongban@{nowhere}/tongban?p%61ssword=SECRET"),
        format!("postgres://tongban@{nowhere}/tongban?Password=SECRET"),
        format!("postgres://tongban:12/SECRET@{nowhere}/tongban"),
        format!("postgres://tongban:SE?CRET@{nowhere}/tongban"),
        format!("postgres://tongban:SE#CRET@{nowhere}/tongban"),
        format!("postgres://tongban:SE%CRET@{nowhere}/tongban"),
        "mysql://tongban:SECRET@db/tongban".to_owned(),
        "SECRET".to_owned(),
    ] {
        for command in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["check-config", "--listen", "127.0.0.1:0"],
            &["verify"],
            &["migrate"],
            &["--help"],
        ] {
            let environment = [("TONGBAN_DATABASE", &*url), ("TONGBAN_LOG", "trace")];
            let output = shell.run_with(&environment, command);
            let said = text(&output.stderr) + &text(&output.stdout);
            assert!(!said.replace("CLIENT_SECRET", "").contains("CRET"), "{url} {command:?}: {said}");
            assert!(command == ["--help"] || !output.status.success(), "{url} {command:?}: {said}");
        }
        let help = text(&shell.run_with(&[("TONGBAN_DATABASE", &url)], &["serve", "--help"]).stdout);
        // The help names the option for another secret.
        let help = help.replace("<SECRET>", "").replace("CLIENT_SECRET", "");
        assert!(!help.contains("CRET"), "{help}");
    }
    let told = shell.fails(1, &["verify", "--database", "postgres://tongban:a/b@127.0.0.1/tongban"]);
    assert!(told.contains("%2F") && told.contains("%40"), "{told}");
}

#[test]
fn a_file_that_cannot_be_opened_is_named_with_the_cause() {
    let shell = Shell::new();
    let folder = shell.path("a");
    let told = shell.fails(1, &["migrate", "--database", "sqlite://a%2Fb.db"]);
    assert!(
        told.contains(&folder.display().to_string()) && told.contains("no such folder") && told.contains("%2F"),
        "{told}"
    );
    let told = shell.fails(1, &["serve", "--listen", "127.0.0.1:0", "--database", "sqlite://a/b.db"]);
    assert!(told.contains(&folder.display().to_string()) && told.contains("no such folder"), "{told}");
    let told = shell.fails(1, &["check-config", "--listen", "127.0.0.1:0", "--database", "sqlite://a/b.db"]);
    assert!(told.contains("no such folder"), "{told}");
    fs::create_dir(&folder).expect("a folder");
    assert!(shell.fails(1, &["verify", "--database", "sqlite://a"]).contains("it is a folder"));
    shell.does(&["migrate", "--database", "sqlite://a%2Fb.db"]);
    shell.does(&["migrate", "--database", "sqlite://通办 一%3F.db"]);
    assert!(folder.join("b.db").is_file() && shell.path("通办 一?.db").is_file());
}

#[test]
fn a_backup_is_verified_without_a_registry_and_against_an_earlier_head() {
    let shell = Shell::new();
    shell.does(&["import", "--database", URL, &records()]);
    let head = text(&shell.does(&["verify"]).stdout).trim_end().rsplit(' ').next().expect("a digest").to_owned();
    shell.does(&["key", "issue", "--role", "partner", "--name", "later"]);
    shell.does(&["backup", "backup"]);
    fs::remove_file(shell.path("tongban.db")).expect("a file");
    let said = text(&shell.does(&["verify", "--backup", "backup", "--head", &head]).stdout);
    assert!(said.starts_with("revision 16: 16 records") && said.contains("is its revision 15"), "{said}");
    assert!(!shell.path("tongban.db").exists());
    let other = format!("sha-256:{}", "0".repeat(64));
    assert!(shell.fails(1, &["verify", "--backup", "backup", "--head", &other]).contains("another journal"));
    shell.fails(2, &["verify", "--head", "abc"]);
    let whole = fs::read_to_string(shell.path("backup")).expect("a file");
    fs::write(shell.path("damaged"), whole.replacen("later", "never", 1)).expect("a file");
    assert!(shell.fails(1, &["verify", "--backup", "damaged"]).contains("damaged"));
}

#[test]
fn a_key_of_the_command_line_expires_and_its_person_is_named_outside_the_journal() {
    let shell = Shell::new();
    shell.does(&["import", "--database", URL, &records()]);
    shell.does(&["key", "issue", "--role", "steward", "--name", "one"]);
    shell.does(&["key", "issue", "--role", "partner", "--name", "two"]);
    let list = text(&shell.does(&["key", "list", "--locale", "en"]).stdout);
    assert_eq!(list.matches("valid until").count(), 2, "{list}");
    shell.does(&["backup", "backup"]);
    let backup = fs::read_to_string(shell.path("backup")).expect("a file");
    let entries: Vec<&str> = backup.lines().filter(|line| line.contains("cli_")).collect();
    assert!(entries.len() >= 3, "two entries of the journal, and the name beside them: {entries:?}");
}
