-- The sample shop. Every table has something that a careless sync breaks; the comments say what.
-- MySQL 5.6 gets it without the lines marked "5.7" and with LONGTEXT for JSON.

-- Kept as it is; a string as primary key.
CREATE TABLE countries (
  code CHAR(2) NOT NULL,
  name VARCHAR(80) NOT NULL,
  name_ja VARCHAR(80) NOT NULL,
  continent ENUM('Africa','Americas','Asia','Europe','Oceania') NOT NULL,
  PRIMARY KEY (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- A composite primary key with a date, and more decimals than a double holds.
CREATE TABLE exchange_rates (
  currency CHAR(3) NOT NULL,
  quoted_on DATE NOT NULL,
  rate DECIMAL(24,12) NOT NULL,
  PRIMARY KEY (currency, quoted_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- One half of a cycle of foreign keys (projects is the other); zero dates; a SET.
CREATE TABLE companies (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(120) NOT NULL,
  vat_number VARCHAR(32) NULL,
  country_code CHAR(2) NOT NULL,
  primary_project_id BIGINT UNSIGNED NULL,
  is_demo TINYINT(1) NOT NULL DEFAULT 0,
  plan ENUM('free','team','enterprise') NOT NULL DEFAULT 'free',
  features SET('sso','audit','export','api') NOT NULL DEFAULT '',
  settings JSON NULL,
  founded_on DATE NOT NULL DEFAULT '0000-00-00',
  created_at DATETIME NOT NULL,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY vat_number (vat_number),
  CONSTRAINT companies_country FOREIGN KEY (country_code) REFERENCES countries (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- E-mail addresses unique without regard to case; a self-reference; a generated column made from a masked one.
CREATE TABLE users (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  company_id BIGINT UNSIGNED NOT NULL,
  manager_id BIGINT UNSIGNED NULL,
  email VARCHAR(190) NOT NULL,
  email_domain VARCHAR(190) GENERATED ALWAYS AS (SUBSTRING_INDEX(email, '@', -1)) STORED, -- 5.7
  name VARCHAR(120) NOT NULL,
  phone VARCHAR(32) NULL,
  token CHAR(64) NOT NULL,
  status ENUM('active','invited','suspended') NOT NULL DEFAULT 'active',
  roles SET('admin','buyer','viewer') NOT NULL DEFAULT 'viewer',
  birth_date DATE NULL,
  preferences JSON NULL,
  last_login_at DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  created_at DATETIME NOT NULL,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY email (email),
  UNIQUE KEY token (token),
  KEY name (name),
  KEY email_domain (email_domain), -- 5.7
  CONSTRAINT users_company FOREIGN KEY (company_id) REFERENCES companies (id),
  CONSTRAINT users_manager FOREIGN KEY (manager_id) REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- A unique key over a foreign key and an ENUM.
CREATE TABLE addresses (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id BIGINT UNSIGNED NOT NULL,
  kind ENUM('billing','shipping') NOT NULL,
  line1 VARCHAR(200) NOT NULL,
  line2 VARCHAR(200) NULL,
  city VARCHAR(100) NOT NULL,
  postcode VARCHAR(16) NOT NULL,
  country_code CHAR(2) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY user_kind (user_id, kind),
  CONSTRAINT addresses_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT addresses_country FOREIGN KEY (country_code) REFERENCES countries (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Emptied by the contract.
CREATE TABLE password_resets (
  token CHAR(64) NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  created_at DATETIME NOT NULL,
  PRIMARY KEY (token),
  CONSTRAINT password_resets_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- Emptied by the contract; binary and unique.
CREATE TABLE api_tokens (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  user_id BIGINT UNSIGNED NOT NULL,
  token_hash BINARY(32) NOT NULL,
  label VARCHAR(80) NOT NULL,
  last_used_at TIMESTAMP NULL DEFAULT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY token_hash (token_hash),
  CONSTRAINT api_tokens_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- Emptied by the contract; a UUID as primary key.
CREATE TABLE sessions (
  id CHAR(36) NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  ip VARCHAR(45) NOT NULL,
  payload MEDIUMTEXT NOT NULL,
  expires_at TIMESTAMP NOT NULL DEFAULT '2038-01-01 00:00:00',
  PRIMARY KEY (id),
  KEY expires_at (expires_at),
  CONSTRAINT sessions_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- The other half of the cycle; a unique key inside each company; text that looks like SQL.
CREATE TABLE projects (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  company_id BIGINT UNSIGNED NOT NULL,
  lead_user_id BIGINT UNSIGNED NULL,
  slug VARCHAR(80) NOT NULL,
  name VARCHAR(160) NOT NULL,
  description TEXT NOT NULL,
  budget DECIMAL(14,2) NULL,
  starts_on DATE NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY company_slug (company_id, slug),
  CONSTRAINT projects_company FOREIGN KEY (company_id) REFERENCES companies (id),
  CONSTRAINT projects_lead FOREIGN KEY (lead_user_id) REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

ALTER TABLE companies
  ADD CONSTRAINT companies_primary_project FOREIGN KEY (primary_project_id) REFERENCES projects (id) ON DELETE SET NULL;

-- A primary key made of two foreign keys.
CREATE TABLE project_members (
  project_id BIGINT UNSIGNED NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  role ENUM('owner','editor','reader') NOT NULL,
  joined_on DATE NOT NULL,
  PRIMARY KEY (project_id, user_id),
  CONSTRAINT project_members_project FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
  CONSTRAINT project_members_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- Kept; a second self-reference.
CREATE TABLE categories (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  parent_id INT UNSIGNED NULL,
  name VARCHAR(80) NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT categories_parent FOREIGN KEY (parent_id) REFERENCES categories (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Kept byte for byte: this is where text and bytes bite.
CREATE TABLE products (
  sku VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  category_id INT UNSIGNED NOT NULL,
  name VARCHAR(160) NOT NULL,
  name_ja VARCHAR(160) NOT NULL,
  description TEXT NOT NULL,
  price DECIMAL(12,2) NOT NULL,
  price_with_tax DECIMAL(14,4) GENERATED ALWAYS AS (price * 1.10) VIRTUAL, -- 5.7
  weight_kg DOUBLE NOT NULL,
  attributes JSON NULL,
  labels SET('new','sale','fragile','frozen') NOT NULL DEFAULT '',
  thumbnail BLOB NULL,
  PRIMARY KEY (sku),
  CONSTRAINT products_category FOREIGN KEY (category_id) REFERENCES categories (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Fractions of seconds; free text that names people.
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  company_id BIGINT UNSIGNED NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  number VARCHAR(24) NOT NULL,
  status ENUM('cart','paid','shipped','returned') NOT NULL,
  total DECIMAL(14,2) NOT NULL,
  note TEXT NULL,
  placed_at DATETIME(3) NOT NULL,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY number (number),
  KEY placed_at (placed_at),
  CONSTRAINT orders_company FOREIGN KEY (company_id) REFERENCES companies (id),
  CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- A composite primary key; a generated column that must not be written.
CREATE TABLE order_items (
  order_id BIGINT UNSIGNED NOT NULL,
  line_no SMALLINT UNSIGNED NOT NULL,
  sku VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  quantity INT NOT NULL,
  unit_price DECIMAL(12,2) NOT NULL,
  discount DECIMAL(5,4) NOT NULL DEFAULT 0,
  line_total DECIMAL(16,2) GENERATED ALWAYS AS (quantity * unit_price) STORED, -- 5.7
  PRIMARY KEY (order_id, line_no),
  CONSTRAINT order_items_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
  CONSTRAINT order_items_product FOREIGN KEY (sku) REFERENCES products (sku)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- A foreign key of two columns.
CREATE TABLE shipments (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  order_id BIGINT UNSIGNED NOT NULL,
  line_no SMALLINT UNSIGNED NOT NULL,
  carrier VARCHAR(40) NOT NULL,
  tracking_code VARCHAR(40) NULL,
  shipped_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT shipments_item FOREIGN KEY (order_id, line_no) REFERENCES order_items (order_id, line_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- The same person as in users, by e-mail address.
CREATE TABLE invoices (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  order_id BIGINT UNSIGNED NOT NULL,
  number VARCHAR(24) NOT NULL,
  billing_name VARCHAR(120) NOT NULL,
  billing_email VARCHAR(190) NOT NULL,
  amount DECIMAL(14,2) NOT NULL,
  due_on DATE NOT NULL,
  paid_on DATE NOT NULL DEFAULT '0000-00-00',
  PRIMARY KEY (id),
  UNIQUE KEY order_id (order_id),
  UNIQUE KEY number (number),
  KEY billing_email (billing_email),
  CONSTRAINT invoices_order FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- Free text with personal data; a thread of replies.
CREATE TABLE comments (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  project_id BIGINT UNSIGNED NOT NULL,
  user_id BIGINT UNSIGNED NOT NULL,
  parent_id BIGINT UNSIGNED NULL,
  body TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  edited_at TIMESTAMP NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  CONSTRAINT comments_project FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
  CONSTRAINT comments_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT comments_parent FOREIGN KEY (parent_id) REFERENCES comments (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Bytes that are no text in any character set.
CREATE TABLE files (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  project_id BIGINT UNSIGNED NOT NULL,
  uploader_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(190) NOT NULL,
  content_type VARCHAR(80) NOT NULL,
  content MEDIUMBLOB NULL,
  size_bytes INT UNSIGNED NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT files_project FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
  CONSTRAINT files_uploader FOREIGN KEY (uploader_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- JSON with personal data; microseconds; a foreign key that may be null.
CREATE TABLE audit_logs (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  company_id BIGINT UNSIGNED NOT NULL,
  user_id BIGINT UNSIGNED NULL,
  action VARCHAR(60) NOT NULL,
  ip VARCHAR(45) NOT NULL,
  details JSON NULL,
  logged_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY logged_at (logged_at),
  CONSTRAINT audit_logs_company FOREIGN KEY (company_id) REFERENCES companies (id),
  CONSTRAINT audit_logs_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- No primary key at all.
CREATE TABLE search_log (
  searched_at DATETIME NOT NULL,
  query_text VARCHAR(200) NOT NULL,
  ip VARCHAR(45) NULL,
  hits INT UNSIGNED NOT NULL,
  KEY searched_at (searched_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- Kept; its name and its columns' names are reserved words.
CREATE TABLE `groups` (
  `key` VARCHAR(40) NOT NULL,
  `order` INT NOT NULL,
  `desc` VARCHAR(120) NOT NULL DEFAULT '',
  PRIMARY KEY (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

-- Shows a masked column under another name.
CREATE VIEW active_customers AS
  SELECT users.id, users.name AS customer, users.email AS contact, companies.name AS company
  FROM users JOIN companies ON companies.id = users.company_id
  WHERE users.status = 'active';
