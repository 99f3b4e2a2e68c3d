//! Code lists of housing. Sources: domain reference, sections 6, 7.10 and 13.

crate::code_lists! {
    /// Danger grade of a house (房屋等级), from the rural house survey.
    HouseGrade "房屋等级" {
        A "A" "A级" "Safe" "A";
        B "B" "B级" "Minor fault" "B";
        C "C" "C级" "Part dangerous: reinforce" "C";
        D "D" "D级" "Wholly dangerous: rebuild" "D";
    }
    /// How safe housing is reached (住房解决方式).
    HouseSolution "住房解决方式" {
        None "NONE" "无" "None";
        Rebuild "REBUILD" "拆除重建" "Rebuild";
        Reinforce "REINFORCE" "加固" "Reinforce";
        Swap "SWAP" "置换" "Swap";
        Rent "RENT" "租赁" "Rent";
        PublicHousing "PUBLIC_HOUSING" "公租房" "Public housing";
        MutualHome "MUTUAL_HOME" "互助幸福院" "Mutual home";
        Relocate "RELOCATE" "易地搬迁" "Relocate";
    }
    /// State of a house renovation (危房改造状态).
    RenovationState "危房改造状态" {
        Graded "GRADED" "已鉴定" "Graded";
        Applied "APPLIED" "已申请" "Applied for";
        Approved "APPROVED" "已批准" "Approved";
        Building "BUILDING" "施工中" "Building";
        Accepted "ACCEPTED" "已验收" "Accepted";
        Paid "PAID" "已兑付" "Paid";
    }
    /// How a household is settled after its relocation (安置方式).
    RelocationMode "安置方式" {
        Concentrated "CONCENTRATED" "集中安置" "Concentrated";
        Scattered "SCATTERED" "分散安置（插花）" "Scattered among existing houses";
        Town "TOWN" "进城安置" "In a town";
        SelfChosen "SELF_CHOSEN" "自主安置" "Self-chosen";
        MutualHome "MUTUAL_HOME" "互助幸福院" "Mutual home";
    }
    /// How far a relocation has come (搬迁阶段).
    RelocationStage "搬迁阶段" {
        Planned "PLANNED" "已列入计划" "Planned";
        Approved "APPROVED" "已批准" "Approved";
        Building "BUILDING" "在建" "Building";
        Finished "FINISHED" "已竣工" "Finished";
        MovedIn "MOVED_IN" "已入住" "Moved in";
        OldHouseRemoved "OLD_HOUSE_REMOVED" "旧房已拆除" "Old house removed";
        Settled "SETTLED" "已稳定（有产业）" "Settled, with an industry";
    }
    /// As what a household takes part in a relocation (搬迁对象类别).
    RelocationKind "搬迁对象类别" {
        Registered "REGISTERED" "建档立卡搬迁" "Registered household";
        Accompanying "ACCOMPANYING" "同步搬迁" "Accompanying household";
    }
}
