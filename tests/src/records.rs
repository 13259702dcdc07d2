//! Records for scenarios, as lines of an import file.

/// 南沙 and 闵行 with their provinces, the agreement of May 2021, and what is needed to use it. 换领 is listed only
/// with 南沙 as the receiving side; 补领 is in no list.
pub const NANSHA_AND_MINHANG: &str = r#"
{"type":"district","code":"440000","name":"广东省","kind":"PROVINCE"}
{"type":"district","code":"440100","name":"广州市","kind":"PREFECTURE","parent":"440000"}
{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","parent":"440100"}
{"type":"district","code":"310000","name":"上海市","kind":"PROVINCE"}
{"type":"district","code":"310112","name":"闵行区","kind":"COUNTY","parent":"310000"}
{"type":"matter","code":"000109001000","name":"居民身份证换领","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"],"competentBy":["户籍地"]}
{"type":"matter","code":"000109002000","name":"居民身份证补领","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"],"competentBy":["户籍地"]}
{"type":"offering","district":"310112","matter":"000109001000","authority":{"name":"上海市公安局闵行分局"},"promisedDays":20,"dayKind":"WORKING_DAY","visits":1,"materials":[{"name":"居民户口簿","necessity":"REQUIRED","medium":"ORIGINAL","check":"与本人一致"},{"name":"原居民身份证","necessity":"DEFERRABLE","deferrableDays":5}]}
{"type":"window","district":"440115","name":"跨域通办专窗","kind":"HALL","address":"政务服务中心一楼","modes":["PROXY_COLLECTION"]}
{"type":"agreement","key":"南沙—闵行","title":"南沙区、闵行区“跨域通办”框架合作协议","signedOn":"2021-05-28","effectiveFrom":"2021-06-01","parties":[{"district":"440115"},{"district":"310112"}],"schedule":[{"key":"户政","receiving":["440115"],"competent":["310112"],"matters":["000109001000"],"mode":"PROXY_COLLECTION","terms":{"proxyCollection":{"windowDepth":["RECEIVE","IDENTITY_CHECK"],"transferDays":2}},"batch":"第一批"}]}
"#;

/// A national list: it needs no signatures and applies from its published deadline.
pub const NATIONAL_LIST: &str = r#"
{"type":"policy","key":"国办发〔2020〕35号","title":"关于加快推进政务服务“跨省通办”的指导意见","documentNumber":"国办发〔2020〕35号","issuedBy":["国务院办公厅"],"effectiveFrom":"2020-09-24","schedule":[{"key":"2021年底前","reach":"ACROSS_PROVINCES","matters":["000109001000"],"mode":"FULL_ONLINE","batch":"2021年底前实现","validFrom":"2021-12-31"}]}
"#;

/// 南沙, 闵行 and 昆山 with the districts above them, and matters; no agreement yet.
pub const PEOPLE_AND_MATTERS: &str = r#"
{"type":"district","code":"440000","name":"广东省","kind":"PROVINCE"}
{"type":"district","code":"440100","name":"广州市","kind":"PREFECTURE","parent":"440000"}
{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","parent":"440100"}
{"type":"district","code":"310000","name":"上海市","kind":"PROVINCE"}
{"type":"district","code":"310112","name":"闵行区","kind":"COUNTY","parent":"310000"}
{"type":"district","code":"320000","name":"江苏省","kind":"PROVINCE"}
{"type":"district","code":"320500","name":"苏州市","kind":"PREFECTURE","parent":"320000"}
{"type":"district","code":"320583","name":"昆山市","kind":"COUNTY","parent":"320500"}
{"type":"matter","code":"000109001000","name":"居民身份证换领","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"],"competentBy":["户籍地"]}
{"type":"matter","code":"000109002000","name":"居民身份证补领","domain":"PUBLIC_SECURITY","audience":["NATURAL_PERSON"],"competentBy":["户籍地"]}
"#;
