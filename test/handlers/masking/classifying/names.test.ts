// What a column's name tells, in English and in Japanese, and the names that only look like one of these.
import assert from "node:assert/strict";
import { test } from "node:test";
import { phraseOf } from "../../../../handlers/masking/classifying/words.ts";
import { proposed } from "./support.ts";

/** Holds all names of a list to one proposal; told together. */
function assertProposed(expected: string, tableName: string, definition: string, names: string): void {
  const all = names.split(" ");
  const found = all.map((name) => `${name}: ${proposed(tableName, name, definition)}`);
  assert.deepEqual(
    found,
    all.map((name) => `${name}: ${expected}`),
  );
}

test("names are split at humps, underscores and numbers", () => {
  assert.equal(phraseOf("firstName"), "first name");
  assert.equal(phraseOf("userEMail2"), "user e mail 2");
  assert.equal(phraseOf("LAST_LOGIN-IP"), "last login ip");
  assert.equal(phraseOf("IPAddress"), "ip address");
  assert.equal(phraseOf("氏名_カナ"), "氏名 カナ");
  assert.equal(phraseOf("ＴＥＬ"), "tel");
});

for (const [expected, names] of [
  ["email", "email e_mail mail emailAddress contact_email mail_address MAILADDRESS mail_addr email2 user_email"],
  ["phone", "phone tel tel1 TEL_NO telNo mobile_phone phoneNumber home_phone fax cell denwa denwa_bango keitai"],
  ["first_name", "first_name firstName fname given_name middle_name"],
  ["last_name", "last_name lastName surname family_name maiden_name"],
  ["name", "full_name customer_name contactName billing_name recipient card_holder"],
  ["company", "company_name companyName organization employer"],
  ["address", "address address2 street line1 address_line_2 billing_address house_number building"],
  ["city", "city town billing_city"],
  ["postcode", "zip zip_code zipcode postcode postal_code billing_zip"],
  ["username", "username user_name login nickname screen_name"],
  ["ip", "ip ip_address last_login_ip remote_addr clientIp"],
  ["url", "url website homepage profile_url"],
  ["uuid", "uuid guid device_uuid"],
  ["hash", "password password_hash token api_key accessToken secret session_id otp reset_code remember_token cookie"],
  ["digits", "card_number ssn passport_number my_number iban tax_id license_no account_number"],
  ["text", "note notes comment body memo remarks bio feedback message"],
  ["redact", "religion user_agent blood_type ethnicity"],
  ["redact ?", "widget frobnicated x thing_name file_name"],
  ["hash ?", "external_id tracking_code reference order_number"],
  ["text ?", "description title subject reason"],
] as const) {
  test(`${expected}: ${names}`, () => assertProposed(expected, "things", "varchar(100)", names));
}

for (const [expected, names] of [
  ['{"last_name":{"locale":"ja"}}', "sei user_sei"],
  ['{"first_name":{"locale":"ja"}}', "mei"],
  ['{"name":{"locale":"ja"}}', "shimei namae shimei_kanji name_kanji"],
  ["kana", "kana furigana name_kana yomigana"],
  ['{"address":{"locale":"ja"}}', "jusho jusho1 jyusho"],
  ['{"postcode":{"locale":"ja"}}', "yubin yubin_bango"],
] as const) {
  test(`romaji, ${expected}: ${names}`, () => assertProposed(expected, "m_kokyaku", "varchar(100)", names));
}

test("comments and names in kanji and kana tell what an abbreviated name does not", () => {
  for (const [comment, expected] of [
    ["氏名", '{"name":{"locale":"ja"}}'],
    ["姓", '{"last_name":{"locale":"ja"}}'],
    ["名", '{"first_name":{"locale":"ja"}}'],
    ["氏名（カナ）", "kana"],
    ["フリガナ", "kana"],
    ["電話番号", "phone"],
    ["携帯電話", "phone"],
    ["ＦＡＸ番号", "phone"],
    ["メールアドレス", "email"],
    ["郵便番号", '{"postcode":{"locale":"ja"}}'],
    ["住所1: 番地まで", '{"address":{"locale":"ja"}}'],
    ["会社名", '{"company":{"locale":"ja"}}'],
    ["個人番号（マイナンバー）", "digits"],
    ["パスワード", "hash"],
    ["備考", "text"],
    ["商品名", "keep ?"],
    ["ステータス", "keep"],
  ] as const) {
    assert.equal(proposed("t1", "col_a", `varchar(100)! -- ${comment}`), expected, comment);
    if (!/[（:]/.test(comment)) assert.equal(proposed("t1", comment, "varchar(100)!"), expected, comment);
  }
  assert.equal(proposed("t1", "c3", "date -- 生年月日"), '{"date_shift":{"by":"id"}}');
  assert.equal(proposed("t1", "c4", "int -- 年収"), "noise");
  assert.equal(proposed("t1", "c5", "int -- 電話回数"), "keep", "how often somebody called is no number to call");
});

test("a comment in English or romaji tells, too, and is not taken for sure", () => {
  for (const [comment, expected] of [
    ["e-mail address", "email ?"],
    ["Denwa bango", "phone ?"],
    ["jusho", '{"address":{"locale":"ja"}} ?'],
    ["yubin bango: 7 digits", '{"postcode":{"locale":"ja"}} ?'],
    ["what the caller of the phone said", "redact ?"],
    ["", "redact ?"],
  ] as const) {
    assert.equal(proposed("t1", "col_a", `varchar(100)! -- ${comment}`), expected, comment);
  }
});

test("a name inside of another word, or one that only begins a compound, tells nothing of a person", () => {
  assertProposed(
    "keep",
    "things",
    "varchar(40)",
    "phone_type email_status address_kind mime_type country_code currency locale",
  );
  assertProposed(
    "redact ?",
    "things",
    "varchar(40)",
    "hotel timein stellar meister eaddress_x telling ramen zipper maintainer",
  );
  assertProposed(
    "keep",
    "things",
    "int",
    "email_count phone_calls address_id card_id ip_count token_count position hotel sei_count",
  );
  assertProposed(
    "keep",
    "things",
    "datetime",
    "email_verified_at password_changed_at born_at_checked last_login_at phone_confirmed_at",
  );
  assertProposed("keep", "things", "tinyint(1)", "phone_verified email token is_secret");
  assert.notEqual(proposed("t", "kaisha_mei", "varchar(40)"), '{"first_name":{"locale":"ja"}}');
});

test("`name` is a person's, a company's or a thing's by its table", () => {
  for (const [own, expected] of [
    ["users", "name"],
    ["tbl_customers", "name"],
    ["EmployeeList", "name"],
    ["companies", "company"],
    ["suppliers", "company"],
    ["categories", "keep ?"],
    ["products", "keep ?"],
    ["projects", "redact ?"],
    ["user_settings", "redact ?"],
  ] as const) {
    assert.equal(proposed(own, "name", "varchar(100)"), expected, own);
  }
  assert.equal(proposed("countries", "code", "char(2)"), "keep");
});

test("types decide where a name could mean several things", () => {
  for (const [name, definition, expected] of [
    ["birth_date", "date", '{"date_shift":{"by":"id"}}'],
    ["dob", "datetime", '{"date_shift":{"by":"id"}}'],
    ["salary", "decimal(10,2)", "noise"],
    ["annual_income", "int", "noise"],
    ["phone", "bigint", "redact"],
    ["latitude", "double", "redact"],
    ["price", "decimal(10,2)", "keep"],
    ["created_at", "timestamp", "keep"],
    ["settings", "json", '{"json":{}} ?'],
    ["photo", "mediumblob", "blob ?"],
    ["token_hash", "binary(32)", "hash"],
    ["last_ip", "varbinary(16)", "ip"],
    ["religion", "enum('a','b')", "redact"],
    ["status", "enum('a','b')", "keep"],
    ["notes", "longtext", "text"],
    ["state", "longtext", "text ?"],
    ["ip", "inet6", "ip"],
  ] as const) {
    assert.equal(proposed("users", name, definition), expected, `${name} ${definition}`);
  }
});
