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
}
