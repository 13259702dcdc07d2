//! Words of imports of lists: how to read one, and what an import does with a row.

use crate::words::words;

words! {
    /// Which directions the rows of a list give.
    #[derive(Default)]
    Direction {
        /// As the columns of the sides say.
        #[default]
        AsWritten = "AS_WRITTEN", "按清单所写", "as written";
        /// Both ways between the sides, or between all parties if there are none.
        Both = "BOTH", "双向", "both ways";
        /// The sides are exchanged: the list was written from the other side.
        Reversed = "REVERSED", "收件地与业务属地互换", "sides exchanged";
    }
}

words! {
    /// What becomes of the good rows of a list in which other rows are at fault.
    #[derive(Default)]
    Faults {
        /// Nothing is written.
        #[default]
        Refuse = "REFUSE", "有错不写入", "refuse the list";
        /// The good rows are written.
        LeaveOut = "LEAVE_OUT", "略过有错的行", "leave the rows out";
    }
}

words! {
    /// The kinds of records that a district imports as a list.
    Kind {
        Offering = "OFFERING", "实施清单", "offering";
        Window = "WINDOW", "通办窗口", "window";
    }
}

words! {
    /// What an import does with a row.
    Verdict {
        /// What it says is new.
        Create = "CREATE", "新增", "new";
        /// It changes what is there.
        Update = "UPDATE", "变更", "changed";
        /// All that it says is there already.
        Unchanged = "UNCHANGED", "无变化", "unchanged";
        /// It is left out: chosen so, or the same as an earlier row.
        Skip = "SKIP", "跳过", "left out";
        /// Several matters may be meant.
        Confirm = "CONFIRM", "待确认", "to be confirmed";
        /// No matter is meant.
        Unknown = "UNKNOWN", "未找到事项", "matter not found";
        Error = "ERROR", "有错误", "at fault";
    }
}

impl Verdict {
    /// Whether the row is not written, and has to be corrected or confirmed.
    pub fn is_fault(self) -> bool {
        matches!(self, Self::Confirm | Self::Unknown | Self::Error)
    }
}
