//! Packs that are refused: each file in `broken` is `whole.yaml` but for one mistake, and is told with its place and in words.

use policy::{Catalogue, PackError, read_pack, text_of};
use std::{fs, path::Path};

fn read(path: &Path) -> Result<(), PackError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let whole = fs::read_to_string(folder.join("whole.yaml")).expect("a text");
    let whole = read_pack("whole.yaml", &whole).expect("nothing is wrong with it");
    let name = path
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let bytes = fs::read(path).expect("a file");
    let broken = read_pack(&name, text_of(&name, &bytes)?)?;
    Catalogue::of(vec![whole, broken]).map(|_| ())
}

#[test]
fn committed_text_of_each_mistake() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let files = fs::read_dir(folder.join("broken")).expect("the files");
    let mut files: Vec<_> = files.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let told: Vec<String> = files
        .iter()
        .map(|file| match read(file) {
            Ok(()) => format!("{}: not refused\n", file.display()),
            Err(error) => format!("{error}\n"),
        })
        .collect();
    let place = folder.join("broken.txt");
    if std::env::var_os("YIHU_WRITE_TEXTS").is_some() {
        fs::write(&place, told.concat()).expect("it is written");
    }
    assert_eq!(fs::read_to_string(place).unwrap_or_default(), told.concat());
    assert!(files.len() >= 40);
}
