//! The README in both languages: each leads to the other, and says the same commands.

use std::{fs, path::Path};

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).expect("a README")
}

/// What stands between fences, and of the tables what stands between backticks.
fn commands(text: &str) -> Vec<&str> {
    let blocks = text.split("```").skip(1).step_by(2);
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let named = rows.filter_map(|row| row.split('`').nth(1));
    blocks.chain(named).collect()
}

#[test]
fn both_say_the_same_commands() {
    let (english, chinese) = (read("README.md"), read("README.zh-CN.md"));
    let said = commands(&english);
    assert!(said.len() > 10, "{said:?}");
    assert_eq!(said, commands(&chinese));
    let headings = |text: &str| text.lines().filter(|line| line.starts_with("## ")).count();
    assert_eq!(headings(&english), headings(&chinese));
}

#[test]
fn each_leads_to_the_other() {
    assert!(read("README.md").contains("[中文](README.zh-CN.md)"));
    assert!(read("README.zh-CN.md").contains("[English](README.md)"));
}
