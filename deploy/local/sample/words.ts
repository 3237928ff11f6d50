// What the sample's texts are made of. People, companies and domains are invented.

/** `[as written, as in an e-mail address]` */
export const GIVEN_NAMES: readonly [[string, string], ...[string, string][]] = [
  ["Ann", "ann"],
  ["Björn", "bjoern"],
  ["Chloé", "chloe"],
  ["Dwayne", "dwayne"],
  ["Eilís", "eilis"],
  ["花子", "hanako"],
  ["健太", "kenta"],
  ["さくら", "sakura"],
  ["Łukasz", "lukasz"],
  ["María José", "mariajose"],
  ["Nguyễn", "nguyen"],
  ["Oyelaran", "oyelaran"],
  ["Priya", "priya"],
  ["Zoë", "zoe"],
  ["李娜", "lina"],
  ["Ольга", "olga"],
];

/** `[as written, as in an e-mail address]` */
export const FAMILY_NAMES: readonly [[string, string], ...[string, string][]] = [
  ["Abernathy", "abernathy"],
  ["O'Brien", "obrien"],
  ["D'Arcy-Smith", "darcysmith"],
  ["山田", "yamada"],
  ["𠮷野", "yoshino"],
  ["高橋", "takahashi"],
  ["Müller", "mueller"],
  ["García Núñez", "garcia"],
  ["Kowalska", "kowalska"],
  ["van den Berg", "vandenberg"],
  ["Okonkwo", "okonkwo"],
  ["Iyer", "iyer"],
  ['"Ace" Turner', "turner"],
  ["王", "wang"],
  ["Иванова", "ivanova"],
  ["Null", "null"],
];

/** Look real, in different cases; none is a reserved example domain. */
export const MAIL_DOMAINS: readonly [string, ...string[]] = [
  "norvaltrading-gmbh.de",
  "Kumonoito-Shoten.co.jp",
  "brightwater-looms.co.uk",
  "mail.ostrava-kovodilna.cz",
  "TERRAMOLLE-OLIO.IT",
  "lindqvist-snickeri.se",
  "hoshikuzu-seika.jp",
  "prairie-gasket-supply.com",
];

export const COMPANY_WORDS: readonly [string, ...string[]] = [
  "Norval Trading GmbH",
  "株式会社雲の糸商店",
  "Brightwater Looms & Sons",
  "Ostrava Kovodílna s.r.o.",
  "Terramolle Olio S.p.A.",
  "Lindqvist Snickeri AB",
  "星屑製菓 🍬",
  "Prairie Gasket Supply, Inc.",
];

export const CITIES: readonly [string, ...string[]] = [
  "大阪市",
  "Göteborg",
  "Łódź",
  "São Paulo",
  "King's Lynn",
  "Osijek",
];
export const STREETS: readonly [string, ...string[]] = [
  "Mill Lane",
  "本町",
  "Rue de l'Église",
  "Königsallee",
  "Calle Ñuñoa",
];

/** Texts of a shop that has seen everything: each broke somebody's sync. They are kept, so staging must have the same bytes. */
export const BITING_TEXTS: readonly [string, ...string[]] = [
  "A plain description.",
  "Our shop is called shop; the database is `shop` and the table `shop`.`users`.",
  "USE `shop`;\nDROP DATABASE shop;\n-- nothing here is a statement",
  "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\n\nUSE shop;",
  "INSERT INTO `users` VALUES (1,'O\\'Brien'),(2,NULL);\n/*!40000 ALTER TABLE `users` ENABLE KEYS */;",
  "Quotes: 'single', ''doubled'', \"double\", `back`, ’curly’, and a lone '",
  "Backslashes: C:\\shop\\new\\table\\0\\Z\\ and one at the end \\",
  "Semicolons; at; the end of a line;\nDELIMITER ;;\nand;; more;\n",
  "Line ends: LF\nCR\rCRLF\r\nTAB\tNUL\u0000SUB\u001aend",
  "日本語の説明。髙島屋の﨑さん、𠮷野家の牛丼 🍚、👩‍👩‍👧‍👦 と 🇯🇵。",
  "-- MySQL dump 10.13  Distrib 8.0.36\n/*!50013 DEFINER=`root`@`%` SQL SECURITY DEFINER */",
  "100 % of _everything_ {{templates}} ${HOME} $1 \\1 %s ?",
  "",
  "עברית ‏וגם العربية, e\u0301 against é, ﬁ, ß, İ, ı",
];
