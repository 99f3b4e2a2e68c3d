//! The table of regions holds what the committed list says, however often it is loaded.

use crate::harness::both_dbs;
use sea_orm::ConnectionTrait;
use yihu::{
    db::{Database, Settings},
    household::{LoadedRegions, load_regions},
};

const LISTED: usize = 4_975;
const TAGGED: usize = 166;

both_dbs! {
    async fn the_list_is_loaded_once(db: TestDatabase) {
        let database = Database::connect(&db.url, &Settings::default()).await.expect("the database opens");
        let first = load_regions(&database).await.expect("the regions are loaded");
        assert_eq!(first, LoadedRegions { added: LISTED, tagged: TAGGED, ..LoadedRegions::default() });
        let before = database.statements();
        let second = load_regions(&database).await.expect("the regions are loaded again");
        assert_eq!(second, LoadedRegions::default());
        assert_eq!(database.statements() - before, 2);

        let levels = "SELECT CAST(COUNT(*) AS BIGINT) FROM region WHERE level = ";
        for (level, count) in [("PROVINCE", 31), ("PREFECTURE", 342), ("COUNTY", 2_975), ("TOWNSHIP", 110), ("VILLAGE", 1_517)] {
            assert_eq!(db.number(&format!("{levels}'{level}'")).await, count, "{level}");
        }
        let orphans = "SELECT CAST(COUNT(*) AS BIGINT) FROM region r WHERE r.level <> 'PROVINCE' \
                       AND NOT EXISTS (SELECT 1 FROM region above WHERE above.code = r.parent_code)";
        assert_eq!(db.number(orphans).await, 0);
    }
}

both_dbs! {
    async fn a_changed_name_is_corrected_and_a_vanished_region_kept(db: TestDatabase) {
        let database = Database::connect(&db.url, &Settings::default()).await.expect("the database opens");
        load_regions(&database).await.expect("the regions are loaded");
        let connection = db.connect().await;
        for change in [
            "UPDATE region SET name = '卓资旗' WHERE code = 150921000000",
            "DELETE FROM region WHERE code = 150921106001",
            "DELETE FROM region_tag WHERE region_code = 150921000000 AND tag = 'NATIONAL_POOR'",
            "INSERT INTO region_tag (region_code, tag) VALUES (150921107201, 'POOR_VILLAGE')",
            "INSERT INTO region (code, parent_code, level, name) VALUES (610721000000, 610700000000, 'COUNTY', '南郑县')",
        ] {
            connection.execute_unprepared(change).await.expect("the change");
        }
        let loaded = load_regions(&database).await.expect("the regions are loaded again");
        assert_eq!(loaded, LoadedRegions { added: 1, updated: 1, beyond_the_list: 1, tagged: 1 });
        let right = "SELECT CAST(COUNT(*) AS BIGINT) FROM region WHERE (code, name) IN \
                     ((150921000000, '卓资县'), (150921106001, '东街社区居民委员会'), (610721000000, '南郑县'))";
        assert_eq!(db.number(right).await, 3);
        let tags = "SELECT CAST(COUNT(*) AS BIGINT) FROM region_tag WHERE (region_code, tag) IN \
                    ((150921000000, 'NATIONAL_POOR'), (150921107201, 'POOR_VILLAGE'))";
        assert_eq!(db.number(tags).await, 2);
    }
}
