//! Types that several resources use.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::de;

/// A language, as a two-letter code with or without a country, such as `fr` or `fr_CA`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// `da`
    Da,
    /// `da_DK`
    DaDk,
    /// `de`
    De,
    /// `de_DE`
    DeDe,
    /// `el`
    El,
    /// `el_GR`
    ElGr,
    /// `en`
    En,
    /// `en_US`
    EnUs,
    /// `en_GB`
    EnGb,
    /// `en_UK`
    EnUk,
    /// `es`
    Es,
    /// `es_US`
    EsUs,
    /// `es_ES`
    EsEs,
    /// `et`
    Et,
    /// `et_EE`
    EtEe,
    /// `fi`
    Fi,
    /// `fi_FI`
    FiFi,
    /// `fr`
    Fr,
    /// `fr_CA`
    FrCa,
    /// `fr_FR`
    FrFr,
    /// `he`
    He,
    /// `he_IL`
    HeIl,
    /// `id`
    Id,
    /// `id_ID`
    IdId,
    /// `it`
    It,
    /// `it_IT`
    ItIt,
    /// `ja`
    Ja,
    /// `ja_JP`
    JaJp,
    /// `nl`
    Nl,
    /// `nl_NL`
    NlNl,
    /// `no`
    No,
    /// `no_NO`
    NoNo,
    /// `pt`
    Pt,
    /// `pt_BR`
    PtBr,
    /// `ro`
    Ro,
    /// `ro_RO`
    RoRo,
    /// `ru`
    Ru,
    /// `ru_RU`
    RuRu,
    /// `sv`
    Sv,
    /// `sv_SE`
    SvSe,
    /// `th`
    Th,
    /// `th_TH`
    ThTh,
    /// `tr`
    Tr,
    /// `tr_TR`
    TrTr,
    /// `vi`
    Vi,
    /// `vi_VN`
    ViVn,
    /// `zh`
    Zh,
    /// `zh_CN`
    ZhCn,
    /// `aa`
    Aa,
    /// `ab`
    Ab,
    /// `ae`
    Ae,
    /// `af`
    Af,
    /// `ak`
    Ak,
    /// `am`
    Am,
    /// `an`
    An,
    /// `ar`
    Ar,
    /// `av`
    Av,
    /// `ay`
    Ay,
    /// `az`
    Az,
    /// `ba`
    Ba,
    /// `be`
    Be,
    /// `bg`
    Bg,
    /// `bh`
    Bh,
    /// `bi`
    Bi,
    /// `bm`
    Bm,
    /// `bn`
    Bn,
    /// `bo`
    Bo,
    /// `br`
    Br,
    /// `bs`
    Bs,
    /// `ca`
    Ca,
    /// `ce`
    Ce,
    /// `ch`
    Ch,
    /// `co`
    Co,
    /// `cr`
    Cr,
    /// `cs`
    Cs,
    /// `cu`
    Cu,
    /// `cv`
    Cv,
    /// `cy`
    Cy,
    /// `dv`
    Dv,
    /// `dz`
    Dz,
    /// `ee`
    Ee,
    /// `eo`
    Eo,
    /// `eu`
    Eu,
    /// `fa`
    Fa,
    /// `ff`
    Ff,
    /// `fj`
    Fj,
    /// `fo`
    Fo,
    /// `fy`
    Fy,
    /// `ga`
    Ga,
    /// `gd`
    Gd,
    /// `gl`
    Gl,
    /// `gn`
    Gn,
    /// `gu`
    Gu,
    /// `gv`
    Gv,
    /// `ha`
    Ha,
    /// `hi`
    Hi,
    /// `ho`
    Ho,
    /// `hr`
    Hr,
    /// `ht`
    Ht,
    /// `hu`
    Hu,
    /// `hy`
    Hy,
    /// `hz`
    Hz,
    /// `ia`
    Ia,
    /// `ie`
    Ie,
    /// `ig`
    Ig,
    /// `ii`
    Ii,
    /// `ik`
    Ik,
    /// `io`
    Io,
    /// `is_IS`
    IsIs,
    /// `iu`
    Iu,
    /// `jv`
    Jv,
    /// `ka`
    Ka,
    /// `kg`
    Kg,
    /// `ki`
    Ki,
    /// `kj`
    Kj,
    /// `kk`
    Kk,
    /// `kl`
    Kl,
    /// `km`
    Km,
    /// `kn`
    Kn,
    /// `ko`
    Ko,
    /// `kr`
    Kr,
    /// `ks`
    Ks,
    /// `ku`
    Ku,
    /// `kv`
    Kv,
    /// `kw`
    Kw,
    /// `ky`
    Ky,
    /// `la`
    La,
    /// `lb`
    Lb,
    /// `lg`
    Lg,
    /// `li`
    Li,
    /// `ln`
    Ln,
    /// `lo`
    Lo,
    /// `lt`
    Lt,
    /// `lu`
    Lu,
    /// `lv`
    Lv,
    /// `mg`
    Mg,
    /// `mh`
    Mh,
    /// `mi`
    Mi,
    /// `mk`
    Mk,
    /// `ml`
    Ml,
    /// `mn`
    Mn,
    /// `mr`
    Mr,
    /// `ms`
    Ms,
    /// `mt`
    Mt,
    /// `my`
    My,
    /// `na`
    Na,
    /// `nb`
    Nb,
    /// `nd`
    Nd,
    /// `ne`
    Ne,
    /// `ng`
    Ng,
    /// `nn`
    Nn,
    /// `nr`
    Nr,
    /// `nv`
    Nv,
    /// `ny`
    Ny,
    /// `oc`
    Oc,
    /// `oj`
    Oj,
    /// `om`
    Om,
    /// `os`
    Os,
    /// `pa`
    Pa,
    /// `pi`
    Pi,
    /// `pl`
    Pl,
    /// `ps`
    Ps,
    /// `qu`
    Qu,
    /// `rm`
    Rm,
    /// `rn`
    Rn,
    /// `rw`
    Rw,
    /// `sa`
    Sa,
    /// `sc`
    Sc,
    /// `sd`
    Sd,
    /// `se`
    Se,
    /// `sg`
    Sg,
    /// `si`
    Si,
    /// `sk`
    Sk,
    /// `sl`
    Sl,
    /// `sm`
    Sm,
    /// `sn`
    Sn,
    /// `so`
    So,
    /// `sq`
    Sq,
    /// `sr`
    Sr,
    /// `ss`
    Ss,
    /// `st`
    St,
    /// `su`
    Su,
    /// `sw`
    Sw,
    /// `ta`
    Ta,
    /// `te`
    Te,
    /// `tg`
    Tg,
    /// `ti`
    Ti,
    /// `tk`
    Tk,
    /// `tl`
    Tl,
    /// `tn`
    Tn,
    /// `to`
    To,
    /// `ts`
    Ts,
    /// `tt`
    Tt,
    /// `tw`
    Tw,
    /// `ty`
    Ty,
    /// `ug`
    Ug,
    /// `uk`
    Uk,
    /// `ur`
    Ur,
    /// `uz`
    Uz,
    /// `ve`
    Ve,
    /// `vo`
    Vo,
    /// `wa`
    Wa,
    /// `wo`
    Wo,
    /// `xh`
    Xh,
    /// `yi`
    Yi,
    /// `yo`
    Yo,
    /// `za`
    Za,
    /// `zu`
    Zu,
    /// A value unknown to this version, preserved verbatim.
    Unrecognized(de::Unrecognized),
}

impl Language {
    /// Every value known to this version, in the spec's order.
    pub const KNOWN: &'static [Self] = &[
        Self::Da,
        Self::DaDk,
        Self::De,
        Self::DeDe,
        Self::El,
        Self::ElGr,
        Self::En,
        Self::EnUs,
        Self::EnGb,
        Self::EnUk,
        Self::Es,
        Self::EsUs,
        Self::EsEs,
        Self::Et,
        Self::EtEe,
        Self::Fi,
        Self::FiFi,
        Self::Fr,
        Self::FrCa,
        Self::FrFr,
        Self::He,
        Self::HeIl,
        Self::Id,
        Self::IdId,
        Self::It,
        Self::ItIt,
        Self::Ja,
        Self::JaJp,
        Self::Nl,
        Self::NlNl,
        Self::No,
        Self::NoNo,
        Self::Pt,
        Self::PtBr,
        Self::Ro,
        Self::RoRo,
        Self::Ru,
        Self::RuRu,
        Self::Sv,
        Self::SvSe,
        Self::Th,
        Self::ThTh,
        Self::Tr,
        Self::TrTr,
        Self::Vi,
        Self::ViVn,
        Self::Zh,
        Self::ZhCn,
        Self::Aa,
        Self::Ab,
        Self::Ae,
        Self::Af,
        Self::Ak,
        Self::Am,
        Self::An,
        Self::Ar,
        Self::Av,
        Self::Ay,
        Self::Az,
        Self::Ba,
        Self::Be,
        Self::Bg,
        Self::Bh,
        Self::Bi,
        Self::Bm,
        Self::Bn,
        Self::Bo,
        Self::Br,
        Self::Bs,
        Self::Ca,
        Self::Ce,
        Self::Ch,
        Self::Co,
        Self::Cr,
        Self::Cs,
        Self::Cu,
        Self::Cv,
        Self::Cy,
        Self::Dv,
        Self::Dz,
        Self::Ee,
        Self::Eo,
        Self::Eu,
        Self::Fa,
        Self::Ff,
        Self::Fj,
        Self::Fo,
        Self::Fy,
        Self::Ga,
        Self::Gd,
        Self::Gl,
        Self::Gn,
        Self::Gu,
        Self::Gv,
        Self::Ha,
        Self::Hi,
        Self::Ho,
        Self::Hr,
        Self::Ht,
        Self::Hu,
        Self::Hy,
        Self::Hz,
        Self::Ia,
        Self::Ie,
        Self::Ig,
        Self::Ii,
        Self::Ik,
        Self::Io,
        Self::IsIs,
        Self::Iu,
        Self::Jv,
        Self::Ka,
        Self::Kg,
        Self::Ki,
        Self::Kj,
        Self::Kk,
        Self::Kl,
        Self::Km,
        Self::Kn,
        Self::Ko,
        Self::Kr,
        Self::Ks,
        Self::Ku,
        Self::Kv,
        Self::Kw,
        Self::Ky,
        Self::La,
        Self::Lb,
        Self::Lg,
        Self::Li,
        Self::Ln,
        Self::Lo,
        Self::Lt,
        Self::Lu,
        Self::Lv,
        Self::Mg,
        Self::Mh,
        Self::Mi,
        Self::Mk,
        Self::Ml,
        Self::Mn,
        Self::Mr,
        Self::Ms,
        Self::Mt,
        Self::My,
        Self::Na,
        Self::Nb,
        Self::Nd,
        Self::Ne,
        Self::Ng,
        Self::Nn,
        Self::Nr,
        Self::Nv,
        Self::Ny,
        Self::Oc,
        Self::Oj,
        Self::Om,
        Self::Os,
        Self::Pa,
        Self::Pi,
        Self::Pl,
        Self::Ps,
        Self::Qu,
        Self::Rm,
        Self::Rn,
        Self::Rw,
        Self::Sa,
        Self::Sc,
        Self::Sd,
        Self::Se,
        Self::Sg,
        Self::Si,
        Self::Sk,
        Self::Sl,
        Self::Sm,
        Self::Sn,
        Self::So,
        Self::Sq,
        Self::Sr,
        Self::Ss,
        Self::St,
        Self::Su,
        Self::Sw,
        Self::Ta,
        Self::Te,
        Self::Tg,
        Self::Ti,
        Self::Tk,
        Self::Tl,
        Self::Tn,
        Self::To,
        Self::Ts,
        Self::Tt,
        Self::Tw,
        Self::Ty,
        Self::Ug,
        Self::Uk,
        Self::Ur,
        Self::Uz,
        Self::Ve,
        Self::Vo,
        Self::Wa,
        Self::Wo,
        Self::Xh,
        Self::Yi,
        Self::Yo,
        Self::Za,
        Self::Zu,
    ];

    /// The value as it is on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Da => "da",
            Self::DaDk => "da_DK",
            Self::De => "de",
            Self::DeDe => "de_DE",
            Self::El => "el",
            Self::ElGr => "el_GR",
            Self::En => "en",
            Self::EnUs => "en_US",
            Self::EnGb => "en_GB",
            Self::EnUk => "en_UK",
            Self::Es => "es",
            Self::EsUs => "es_US",
            Self::EsEs => "es_ES",
            Self::Et => "et",
            Self::EtEe => "et_EE",
            Self::Fi => "fi",
            Self::FiFi => "fi_FI",
            Self::Fr => "fr",
            Self::FrCa => "fr_CA",
            Self::FrFr => "fr_FR",
            Self::He => "he",
            Self::HeIl => "he_IL",
            Self::Id => "id",
            Self::IdId => "id_ID",
            Self::It => "it",
            Self::ItIt => "it_IT",
            Self::Ja => "ja",
            Self::JaJp => "ja_JP",
            Self::Nl => "nl",
            Self::NlNl => "nl_NL",
            Self::No => "no",
            Self::NoNo => "no_NO",
            Self::Pt => "pt",
            Self::PtBr => "pt_BR",
            Self::Ro => "ro",
            Self::RoRo => "ro_RO",
            Self::Ru => "ru",
            Self::RuRu => "ru_RU",
            Self::Sv => "sv",
            Self::SvSe => "sv_SE",
            Self::Th => "th",
            Self::ThTh => "th_TH",
            Self::Tr => "tr",
            Self::TrTr => "tr_TR",
            Self::Vi => "vi",
            Self::ViVn => "vi_VN",
            Self::Zh => "zh",
            Self::ZhCn => "zh_CN",
            Self::Aa => "aa",
            Self::Ab => "ab",
            Self::Ae => "ae",
            Self::Af => "af",
            Self::Ak => "ak",
            Self::Am => "am",
            Self::An => "an",
            Self::Ar => "ar",
            Self::Av => "av",
            Self::Ay => "ay",
            Self::Az => "az",
            Self::Ba => "ba",
            Self::Be => "be",
            Self::Bg => "bg",
            Self::Bh => "bh",
            Self::Bi => "bi",
            Self::Bm => "bm",
            Self::Bn => "bn",
            Self::Bo => "bo",
            Self::Br => "br",
            Self::Bs => "bs",
            Self::Ca => "ca",
            Self::Ce => "ce",
            Self::Ch => "ch",
            Self::Co => "co",
            Self::Cr => "cr",
            Self::Cs => "cs",
            Self::Cu => "cu",
            Self::Cv => "cv",
            Self::Cy => "cy",
            Self::Dv => "dv",
            Self::Dz => "dz",
            Self::Ee => "ee",
            Self::Eo => "eo",
            Self::Eu => "eu",
            Self::Fa => "fa",
            Self::Ff => "ff",
            Self::Fj => "fj",
            Self::Fo => "fo",
            Self::Fy => "fy",
            Self::Ga => "ga",
            Self::Gd => "gd",
            Self::Gl => "gl",
            Self::Gn => "gn",
            Self::Gu => "gu",
            Self::Gv => "gv",
            Self::Ha => "ha",
            Self::Hi => "hi",
            Self::Ho => "ho",
            Self::Hr => "hr",
            Self::Ht => "ht",
            Self::Hu => "hu",
            Self::Hy => "hy",
            Self::Hz => "hz",
            Self::Ia => "ia",
            Self::Ie => "ie",
            Self::Ig => "ig",
            Self::Ii => "ii",
            Self::Ik => "ik",
            Self::Io => "io",
            Self::IsIs => "is_IS",
            Self::Iu => "iu",
            Self::Jv => "jv",
            Self::Ka => "ka",
            Self::Kg => "kg",
            Self::Ki => "ki",
            Self::Kj => "kj",
            Self::Kk => "kk",
            Self::Kl => "kl",
            Self::Km => "km",
            Self::Kn => "kn",
            Self::Ko => "ko",
            Self::Kr => "kr",
            Self::Ks => "ks",
            Self::Ku => "ku",
            Self::Kv => "kv",
            Self::Kw => "kw",
            Self::Ky => "ky",
            Self::La => "la",
            Self::Lb => "lb",
            Self::Lg => "lg",
            Self::Li => "li",
            Self::Ln => "ln",
            Self::Lo => "lo",
            Self::Lt => "lt",
            Self::Lu => "lu",
            Self::Lv => "lv",
            Self::Mg => "mg",
            Self::Mh => "mh",
            Self::Mi => "mi",
            Self::Mk => "mk",
            Self::Ml => "ml",
            Self::Mn => "mn",
            Self::Mr => "mr",
            Self::Ms => "ms",
            Self::Mt => "mt",
            Self::My => "my",
            Self::Na => "na",
            Self::Nb => "nb",
            Self::Nd => "nd",
            Self::Ne => "ne",
            Self::Ng => "ng",
            Self::Nn => "nn",
            Self::Nr => "nr",
            Self::Nv => "nv",
            Self::Ny => "ny",
            Self::Oc => "oc",
            Self::Oj => "oj",
            Self::Om => "om",
            Self::Os => "os",
            Self::Pa => "pa",
            Self::Pi => "pi",
            Self::Pl => "pl",
            Self::Ps => "ps",
            Self::Qu => "qu",
            Self::Rm => "rm",
            Self::Rn => "rn",
            Self::Rw => "rw",
            Self::Sa => "sa",
            Self::Sc => "sc",
            Self::Sd => "sd",
            Self::Se => "se",
            Self::Sg => "sg",
            Self::Si => "si",
            Self::Sk => "sk",
            Self::Sl => "sl",
            Self::Sm => "sm",
            Self::Sn => "sn",
            Self::So => "so",
            Self::Sq => "sq",
            Self::Sr => "sr",
            Self::Ss => "ss",
            Self::St => "st",
            Self::Su => "su",
            Self::Sw => "sw",
            Self::Ta => "ta",
            Self::Te => "te",
            Self::Tg => "tg",
            Self::Ti => "ti",
            Self::Tk => "tk",
            Self::Tl => "tl",
            Self::Tn => "tn",
            Self::To => "to",
            Self::Ts => "ts",
            Self::Tt => "tt",
            Self::Tw => "tw",
            Self::Ty => "ty",
            Self::Ug => "ug",
            Self::Uk => "uk",
            Self::Ur => "ur",
            Self::Uz => "uz",
            Self::Ve => "ve",
            Self::Vo => "vo",
            Self::Wa => "wa",
            Self::Wo => "wo",
            Self::Xh => "xh",
            Self::Yi => "yi",
            Self::Yo => "yo",
            Self::Za => "za",
            Self::Zu => "zu",
            Self::Unrecognized(value) => value.as_str(),
        }
    }
}

impl From<&str> for Language {
    fn from(value: &str) -> Self {
        match value {
            "da" => Self::Da,
            "da_DK" => Self::DaDk,
            "de" => Self::De,
            "de_DE" => Self::DeDe,
            "el" => Self::El,
            "el_GR" => Self::ElGr,
            "en" => Self::En,
            "en_US" => Self::EnUs,
            "en_GB" => Self::EnGb,
            "en_UK" => Self::EnUk,
            "es" => Self::Es,
            "es_US" => Self::EsUs,
            "es_ES" => Self::EsEs,
            "et" => Self::Et,
            "et_EE" => Self::EtEe,
            "fi" => Self::Fi,
            "fi_FI" => Self::FiFi,
            "fr" => Self::Fr,
            "fr_CA" => Self::FrCa,
            "fr_FR" => Self::FrFr,
            "he" => Self::He,
            "he_IL" => Self::HeIl,
            "id" => Self::Id,
            "id_ID" => Self::IdId,
            "it" => Self::It,
            "it_IT" => Self::ItIt,
            "ja" => Self::Ja,
            "ja_JP" => Self::JaJp,
            "nl" => Self::Nl,
            "nl_NL" => Self::NlNl,
            "no" => Self::No,
            "no_NO" => Self::NoNo,
            "pt" => Self::Pt,
            "pt_BR" => Self::PtBr,
            "ro" => Self::Ro,
            "ro_RO" => Self::RoRo,
            "ru" => Self::Ru,
            "ru_RU" => Self::RuRu,
            "sv" => Self::Sv,
            "sv_SE" => Self::SvSe,
            "th" => Self::Th,
            "th_TH" => Self::ThTh,
            "tr" => Self::Tr,
            "tr_TR" => Self::TrTr,
            "vi" => Self::Vi,
            "vi_VN" => Self::ViVn,
            "zh" => Self::Zh,
            "zh_CN" => Self::ZhCn,
            "aa" => Self::Aa,
            "ab" => Self::Ab,
            "ae" => Self::Ae,
            "af" => Self::Af,
            "ak" => Self::Ak,
            "am" => Self::Am,
            "an" => Self::An,
            "ar" => Self::Ar,
            "av" => Self::Av,
            "ay" => Self::Ay,
            "az" => Self::Az,
            "ba" => Self::Ba,
            "be" => Self::Be,
            "bg" => Self::Bg,
            "bh" => Self::Bh,
            "bi" => Self::Bi,
            "bm" => Self::Bm,
            "bn" => Self::Bn,
            "bo" => Self::Bo,
            "br" => Self::Br,
            "bs" => Self::Bs,
            "ca" => Self::Ca,
            "ce" => Self::Ce,
            "ch" => Self::Ch,
            "co" => Self::Co,
            "cr" => Self::Cr,
            "cs" => Self::Cs,
            "cu" => Self::Cu,
            "cv" => Self::Cv,
            "cy" => Self::Cy,
            "dv" => Self::Dv,
            "dz" => Self::Dz,
            "ee" => Self::Ee,
            "eo" => Self::Eo,
            "eu" => Self::Eu,
            "fa" => Self::Fa,
            "ff" => Self::Ff,
            "fj" => Self::Fj,
            "fo" => Self::Fo,
            "fy" => Self::Fy,
            "ga" => Self::Ga,
            "gd" => Self::Gd,
            "gl" => Self::Gl,
            "gn" => Self::Gn,
            "gu" => Self::Gu,
            "gv" => Self::Gv,
            "ha" => Self::Ha,
            "hi" => Self::Hi,
            "ho" => Self::Ho,
            "hr" => Self::Hr,
            "ht" => Self::Ht,
            "hu" => Self::Hu,
            "hy" => Self::Hy,
            "hz" => Self::Hz,
            "ia" => Self::Ia,
            "ie" => Self::Ie,
            "ig" => Self::Ig,
            "ii" => Self::Ii,
            "ik" => Self::Ik,
            "io" => Self::Io,
            "is_IS" => Self::IsIs,
            "iu" => Self::Iu,
            "jv" => Self::Jv,
            "ka" => Self::Ka,
            "kg" => Self::Kg,
            "ki" => Self::Ki,
            "kj" => Self::Kj,
            "kk" => Self::Kk,
            "kl" => Self::Kl,
            "km" => Self::Km,
            "kn" => Self::Kn,
            "ko" => Self::Ko,
            "kr" => Self::Kr,
            "ks" => Self::Ks,
            "ku" => Self::Ku,
            "kv" => Self::Kv,
            "kw" => Self::Kw,
            "ky" => Self::Ky,
            "la" => Self::La,
            "lb" => Self::Lb,
            "lg" => Self::Lg,
            "li" => Self::Li,
            "ln" => Self::Ln,
            "lo" => Self::Lo,
            "lt" => Self::Lt,
            "lu" => Self::Lu,
            "lv" => Self::Lv,
            "mg" => Self::Mg,
            "mh" => Self::Mh,
            "mi" => Self::Mi,
            "mk" => Self::Mk,
            "ml" => Self::Ml,
            "mn" => Self::Mn,
            "mr" => Self::Mr,
            "ms" => Self::Ms,
            "mt" => Self::Mt,
            "my" => Self::My,
            "na" => Self::Na,
            "nb" => Self::Nb,
            "nd" => Self::Nd,
            "ne" => Self::Ne,
            "ng" => Self::Ng,
            "nn" => Self::Nn,
            "nr" => Self::Nr,
            "nv" => Self::Nv,
            "ny" => Self::Ny,
            "oc" => Self::Oc,
            "oj" => Self::Oj,
            "om" => Self::Om,
            "os" => Self::Os,
            "pa" => Self::Pa,
            "pi" => Self::Pi,
            "pl" => Self::Pl,
            "ps" => Self::Ps,
            "qu" => Self::Qu,
            "rm" => Self::Rm,
            "rn" => Self::Rn,
            "rw" => Self::Rw,
            "sa" => Self::Sa,
            "sc" => Self::Sc,
            "sd" => Self::Sd,
            "se" => Self::Se,
            "sg" => Self::Sg,
            "si" => Self::Si,
            "sk" => Self::Sk,
            "sl" => Self::Sl,
            "sm" => Self::Sm,
            "sn" => Self::Sn,
            "so" => Self::So,
            "sq" => Self::Sq,
            "sr" => Self::Sr,
            "ss" => Self::Ss,
            "st" => Self::St,
            "su" => Self::Su,
            "sw" => Self::Sw,
            "ta" => Self::Ta,
            "te" => Self::Te,
            "tg" => Self::Tg,
            "ti" => Self::Ti,
            "tk" => Self::Tk,
            "tl" => Self::Tl,
            "tn" => Self::Tn,
            "to" => Self::To,
            "ts" => Self::Ts,
            "tt" => Self::Tt,
            "tw" => Self::Tw,
            "ty" => Self::Ty,
            "ug" => Self::Ug,
            "uk" => Self::Uk,
            "ur" => Self::Ur,
            "uz" => Self::Uz,
            "ve" => Self::Ve,
            "vo" => Self::Vo,
            "wa" => Self::Wa,
            "wo" => Self::Wo,
            "xh" => Self::Xh,
            "yi" => Self::Yi,
            "yo" => Self::Yo,
            "za" => Self::Za,
            "zu" => Self::Zu,
            other => Self::Unrecognized(de::Unrecognized::new(other)),
        }
    }
}

impl FromStr for Language {
    type Err = Infallible;

    fn from_str(value: &str) -> Result<Self, Infallible> {
        Ok(Self::from(value))
    }
}

impl Default for Language {
    /// The empty value: a response that lacks the field reads as this.
    fn default() -> Self {
        Self::from("")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        de::word(deserializer)
    }
}
