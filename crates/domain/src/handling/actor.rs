//! Who acts in a handling, who pays, and the tasks of a window.

use crate::words::words;

words! {
    /// Who bears a cost.
    Payer {
        Receiving = "RECEIVING", "收件地承担", "the receiving district";
        Competent = "COMPETENT", "业务属地承担", "the competent district";
        Applicant = "APPLICANT", "申请人承担", "the applicant";
        Shared = "SHARED", "双方分担", "shared";
    }
}

words! {
    /// A task that a window may do for the competent authority. The decision stays with the authority.
    WindowTask {
        Guide = "GUIDE", "咨询引导", "guide the applicant";
        Receive = "RECEIVE", "收件", "receive the application";
        FormalCheck = "FORMAL_CHECK", "形式审查", "check the form of the materials";
        IdentityCheck = "IDENTITY_CHECK", "身份核验", "check the applicant's identity";
        OneTimeNotice = "ONE_TIME_NOTICE", "一次性告知补正", "tell once all that is missing";
        DeliverResult = "DELIVER_RESULT", "送达结果", "hand over the result";
    }
}

words! {
    /// The holder of a duty.
    Actor {
        Applicant = "APPLICANT", "申请人", "applicant";
        ReceivingWindow = "RECEIVING_WINDOW", "收件地窗口", "receiving window";
        CompetentAuthority = "COMPETENT_AUTHORITY", "业务属地审批部门", "competent authority";
        Lead = "LEAD", "牵头地", "lead";
        Cooperating = "COOPERATING", "协同地", "cooperating district";
    }
}
