//! Workbooks put together by hand: what no spreadsheet writes.

use std::io::{Cursor, Read, Write, copy};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const MAIN: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="EPOCH"/><sheets><sheet name="名单" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="rId3" Type="x/styles" Target="styles.xml"/></Relationships>"#;
const ROOT: &str = r#"<Relationships><Relationship Id="rId1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
/// Style 1 is a day, style 2 is percent.
const STYLES: &str = r#"<styleSheet><numFmts count="1"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="176"/><xf numFmtId="10"/></cellXfs></styleSheet>"#;

/// The rows of a sheet as XML around them.
pub fn sheet(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#
    )
}

/// A row of the headings of deaths.
pub const HEADINGS: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="B1" t="inlineStr"><is><t>证件号码</t></is></c><c r="C1" t="inlineStr"><is><t>死亡日期</t></is></c></row>"#;

/// What a workbook is made of.
pub struct Parts<'p> {
    pub epoch_1904: bool,
    pub sheet: Box<dyn Read + 'p>,
    pub shared: Box<dyn Read + 'p>,
    pub more: Vec<(String, Vec<u8>)>,
}

impl<'p> Parts<'p> {
    pub fn of(sheet: &'p str) -> Self {
        Parts {
            epoch_1904: false,
            sheet: Box::new(sheet.as_bytes()),
            shared: Box::new(&b"<sst/>"[..]),
            more: vec![],
        }
    }

    /// The file.
    pub fn zipped(mut self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(true);
        let main = MAIN.replace("EPOCH", if self.epoch_1904 { "1" } else { "0" });
        let texts = [
            ("_rels/.rels", ROOT),
            ("xl/workbook.xml", &main),
            ("xl/_rels/workbook.xml.rels", RELATIONS),
            ("xl/styles.xml", STYLES),
        ];
        for (name, text) in texts {
            zip.start_file(name, options).expect("a part");
            zip.write_all(text.as_bytes()).expect("a part");
        }
        for (name, bytes) in &self.more {
            zip.start_file(name.as_str(), options).expect("a part");
            zip.write_all(bytes).expect("a part");
        }
        for (name, bytes) in [
            ("xl/sharedStrings.xml", &mut self.shared),
            ("xl/worksheets/sheet1.xml", &mut self.sheet),
        ] {
            zip.start_file(name, options).expect("a part");
            copy(bytes, &mut zip).expect("a part");
        }
        zip.finish().expect("a workbook").into_inner()
    }
}
