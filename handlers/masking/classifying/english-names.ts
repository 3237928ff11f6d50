// Columns' names in English and in romaji: what each tells.
import type { Meaning } from "./meanings.ts";
import { words, type Words } from "./words.ts";

export interface NameRule extends Words {
  readonly meaning: Meaning;
  readonly sure: boolean;
  /** How much of a name the words must be. */
  readonly as: keyof Words;
}

const rule =
  (as: keyof Words) =>
  (meaning: Meaning, alternatives: string, sure = true): NameRule => ({
    ...{ meaning, sure, as },
    ...words(alternatives),
  });
const any = rule("any");
const head = rule("head");
const whole = rule("whole");

/** Whose `name` is a person's: `customer name`, `contact name`. */
const PERSONS =
  "user|customer|client|person|people|member|employee|staff|contact|patient|student|teacher|subscriber|profile|guest|" +
  "lead|buyer|seller|driver|author|admin|operator|applicant|candidate|resident|recipient|tenant|owner|visitor|friend|" +
  "billing|shipping|delivery|sender|receiver|payer|payee|holder|cardholder|beneficiary|manager|agent|doctor|spouse|parent|" +
  "child|emergency contact|account|requester|approver|reviewer|assignee|signer|kaiin|kokyaku|shain|juugyoin|tantou|tantousha";
const COMPANIES =
  "company|organi[sz]ation|org|corporation|corporate|employer|vendor|supplier|merchant|business|legal|firm|kaisha|houjin|kigyou";
/** Lists that everybody may see. Their `name` is a thing's. */
const REFERENCES =
  "country|currency|language|region|prefecture|timezone|category|product|item|tag|role|permission|plan|colou?r|brand|unit|" +
  "genre|skill|feature|shohin|shouhin|todofuken";

export const PERSON = words(PERSONS);
export const COMPANY = words(COMPANIES);
export const REFERENCE = words(REFERENCES);

/** In this order: the first that a name meets decides. */
export const NAME_RULES: readonly NameRule[] = [
  any("sensitive", "blood ?types?"),
  // What a compound's last word makes harmless, whatever stands before it.
  head(
    "harmless",
    "status|state|type|kind|currency|locale|lang|language|time ?zone|tz|sku|version|unit|mime|mime type|content type|format|" +
      "count|enabled|verified|confirmed|flag|(?:country|currency|language|locale|region|prefecture)(?: code)?|encoding|charset",
  ),
  head(
    "harmless",
    "slug|action|event|carrier|role|method|level|category|plan|channel|source|platform|os|browser|priority|" +
      "todofuken(?: mei)?|(?:pref|prefecture)(?: name)?|gender|sex|seibetsu",
    false,
  ),
  // Opens a door.
  any(
    "secret",
    "passwords?|passwd|pwd|pass|passphrase|pass ?code|secrets?|tokens?|credentials?|cookies?|salt|otp|totp|pin|nonce|csrf|" +
      "jwt|bearer|signature|digest|hash|fingerprint|(?:api|access|secret|private|public|encryption|auth|signing|license|ssh|pgp) ?keys?|" +
      "apikey|session (?:id|key|data)|sess(?:ion)?|(?:recovery|backup|verification|verify|reset|invite|invitation|activation|confirmation|auth|security) codes?|" +
      "cvv|cvc|ansho(?: bango)?|himitsu",
  ),
  head(
    "email",
    "e ?mails?|mails?|e ?mail address(?:es)?|mail ?address|mailaddress|meru(?: adoresu)?|mail ?add?r|e ?mail (?:home|work|private|personal|primary|secondary|new|old|canonical|normalized|lower)",
  ),
  any(
    "number",
    "card (?:number|no|num)|cc (?:number|no|num)|credit card|pan|ssn|sin|nin|nino|my ?number|kojin ?bango|passport|passport (?:no|number)|" +
      "(?:driver s?|driving|drivers) (?:licen[cs]e)|licen[cs]e (?:no|number|plate)|national id|id (?:number|card)|tax (?:id|no|number)|" +
      "vat|vat (?:id|no|number)|tin|ein|iban|bic|swift|account (?:number|no|num)|bank account|routing (?:number|no)|sort code|" +
      "insurance (?:number|no|id)|health (?:number|id)|medical record|mrn|pesel|aadhaar|cpf|cnpj|dni|nif|nir|koza(?: bango)?|kouza(?: bango)?|" +
      "menkyo(?: bango)?|hoken(?:sho)?(?: bango)?|imei|imsi|iccid|vin|plate (?:no|number)|mac(?: address)?|social security(?: (?:no|number))?",
  ),
  any(
    "phone",
    "phones?|phone ?(?:number|no|num)|telephones?|tel|tel ?no|mobile|mobile ?(?:number|no|phone)|cell|cell ?phone|fax|fax ?(?:number|no)|" +
      "denwa(?: ?bango)?|keitai(?: ?bango)?|renrakusaki|msisdn|landline|whatsapp",
  ),
  any("ip", "ip|ips|ip ?addr(?:ess)?|ipv [46]|remote addr(?:ess)?|client addr|x forwarded for"),
  any("postcode", "zip|zip ?codes?|post ?codes?|postal(?: ?codes?)?|yubin(?: ?bango)?|yuubin(?: ?bango)?|plz"),
  any("kana", "kana|furigana|hurigana|yomi|yomigana|yomikata|hiragana|katakana|phonetic"),
  any(
    "birth date",
    "birth|birth ?(?:date|day|time|datetime)|dob|born(?: on| at)?|date of birth|tanjo ?bi|tanjou ?bi|seinen ?gappi|seinengappi",
  ),
  any("first name", "first ?names?|given ?names?|fore ?names?|fname|middle ?names?|middle ?initial|shita no namae"),
  any("last name", "last ?names?|sur ?names?|family ?names?|lname|maiden ?name|myoji|myouji"),
  // Short words that mean something else at the end of others: `kaisha_mei` is a company's name.
  whole("last name", "(?:(?:user|customer|member|kanji|kaiin|kokyaku|shain) )?sei(?: kanji)?"),
  whole("first name", "(?:(?:user|customer|member|kanji|kaiin|kokyaku|shain) )?mei(?: kanji)?"),
  any(
    "username",
    "user ?names?|login|login ?(?:name|id)|nick ?names?|nick|screen ?name|handle|account name|twitter|instagram|github|skype|line id|slack",
  ),
  any("company", `(?:${COMPANIES}) names?|companyname|kaisha ?mei|houjin ?mei|employer`),
  head("company", `company|organi[sz]ation|kaisha|firm`),
  any("city", "city|cities|town|municipality|village|suburb|county|shi ?ku ?cho ?son|shikuchoson|locality"),
  any(
    "address",
    "address(?:es)?|addr|street|street ?(?:name|no|number|address)|house ?(?:no|number|name)|apartment|apt|building|jusho|jyusho|juusho|jyuusho|" +
      "banchi|tatemono|shozaichi|residence|domicile|(?:address )?line \\d|landmark",
  ),
  head("address", "location|venue|place", false),
  any("place", "lat|lng|lon|long|latitude|longitude|geo|geom|geometry|coordinates?|coords|gps|ido|keido"),
  any("url", "urls?|uri|website|web ?site|home ?page|homepage|link|href|referr?er"),
  any("uuid", "uuid|guid"),
  any(
    "name",
    `full ?names?|display ?name|real ?name|legal ?name|(?:${PERSONS}) names?|simei|shimei|namae|onamae|o namae|atena|meigi(?: ?nin)?|` +
      "recipient|card ?holder|account holder|contact person|attention|attn|tantou(?:sha)?|shimei kanji|signatory",
  ),
  head("name", "contact", false),
  any(
    "amount",
    "salary|salaries|income|wages?|bonus|balance|net worth|earnings|pay ?rate|compensation|debt|credit (?:score|limit)|nenshu|nenshuu|kyuryo|kyuuryou|zandaka",
  ),
  head("age", "age|nenrei"),
  any(
    "sensitive",
    "religion|ethnicity|race|nationality|marital(?: status)?|sexual orientation|political|disability|diagnosis|allergies|allergy|medication|" +
      "blood ?type|health|illness|disease|criminal|ketsueki ?gata|shukyo",
  ),
  head(
    "free text",
    "notes?|comments?|body|messages?|memo|remarks?|biko|bikou|bio|biography|about|about me|feedback|review|answer|reply|transcript|" +
      "introduction|jiko ?shokai|testimonial|complaint|content|text|description of .*",
  ),
  any("sensitive", "user ?agent|device id|advertising id|idfa|gaid"),
  head(
    "free text",
    "description|desc|details?|reason|summary|title|subject|caption|query|query text|keywords?|question|search|url path|setsumei|naiyo",
    false,
  ),
];
