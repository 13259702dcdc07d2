//! Who runs the site: the footer of a Chinese government site. What is not configured is absent.

/// The site, as it is configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Site {
    /// 主办单位
    pub owner: Option<String>,
    /// 联系方式: a phone number, an address.
    pub contact: Option<String>,
    /// 网站标识码
    pub code: Option<String>,
    /// ICP备案
    pub icp: Option<String>,
    /// 公安备案
    pub police: Option<String>,
}
