// Columns' names and comments in Japanese: what each tells. Written without spaces, so parts of words count.
import type { Meaning } from "./meanings.ts";

/** In this order: the first that a text meets decides. */
export const JAPANESE_RULES: readonly (readonly [Meaning, RegExp])[] = [
  ["harmless", /(?:区分|種別|種類|状態|ステータス|フラグ|件数|回数|日時|通貨|言語|都道府県|国コード|性別)$/],
  ["secret", /パスワード|暗証|トークン|秘密|秘匿|認証コード|認証キー|APIキー|セッション|ハッシュ/i],
  ["email", /メール|Eメール|メアド/i],
  ["number", /個人番号|マイナンバー|口座番号|カード番号|旅券|パスポート|免許|保険証|保険者番号|年金番号|法人番号/],
  ["phone", /電話|携帯|TEL|FAX|ファックス|ファクス/i],
  ["postcode", /郵便|〒/],
  ["ip", /IPアドレス/i],
  ["kana", /カナ|かな|ｶﾅ|フリガナ|ふりがな|ヨミ|よみ|読み/],
  ["birth date", /生年月日|誕生日|出生日/],
  ["username", /ユーザー?名|ログイン(?:名|ID)|ニックネーム|アカウント名|ハンドル/i],
  ["company", /会社名?|法人名|企業名|勤務先|取引先名|社名|屋号|団体名/],
  ["last name", /^姓|苗字|名字|(?:顧客|会員|社員|利用者|契約者)姓/],
  ["first name", /^名$|^名[（(]|下の名前|(?:顧客|会員|社員|利用者|契約者)の?名$/],
  [
    "name",
    /氏名|姓名|お?名前|宛名|名義|(?:担当者|顧客|会員|利用者|社員|従業員|患者|契約者|申込者|受取人|代表者)名?$|本名/,
  ],
  ["city", /市区町村|市町村/],
  ["address", /住所|番地|所在地|建物|マンション|丁目|町域/],
  ["place", /緯度|経度|位置情報/],
  ["amount", /年収|給与|給料|所得|残高|賞与|報酬/],
  ["age", /年齢/],
  ["sensitive", /血液型|宗教|国籍|病歴|疾患|障害|アレルギー|診断|婚姻/],
  ["free text", /備考|メモ|コメント|本文|自由記述|内容|説明|感想|自己紹介|問い?合わ?せ|メッセージ|特記/],
  ["url", /URL|ホームページ|サイト/i],
];

/** Names that are a thing's and no one's: `商品名`. */
export const THING_NAMES = /(?:商品|製品|品目|品|カテゴリー?|分類|国|地域|タグ|プラン|部品|ファイル|テーブル|項目)名/;

/** `会員マスタ`, `社員`: tables of people, by name or comment. */
export const JAPANESE_PERSONS = /会員|顧客|社員|従業員|利用者|ユーザー?|患者|学生|生徒|担当者|契約者|応募者|個人/;

export const JAPANESE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ｦ-ﾟ]/u;
