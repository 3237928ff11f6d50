-- A lending library, written for every server from MySQL 5.6 on: no character set is named anywhere, texts are compared in
-- routines, views call functions and read views that come later in the alphabet.
SET NAMES utf8mb4;
CREATE DATABASE IF NOT EXISTS lending;
USE lending;

CREATE TABLE branches (
  code CHAR(4) NOT NULL,
  title VARCHAR(40) NOT NULL,
  city VARCHAR(60) NOT NULL,
  PRIMARY KEY (code),
  UNIQUE KEY (title)
);

CREATE TABLE members (
  member_id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  given_name VARCHAR(40) NOT NULL,
  family_name VARCHAR(40) NOT NULL,
  email VARCHAR(120) DEFAULT NULL,
  born DATE DEFAULT NULL,
  home CHAR(4) NOT NULL,
  invited_by INT UNSIGNED DEFAULT NULL,
  kind ENUM('adult', 'child', 'staff') NOT NULL DEFAULT 'adult',
  joined TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (member_id),
  UNIQUE KEY one_account (email),
  KEY by_name (family_name, given_name(10)),
  CONSTRAINT member_home FOREIGN KEY (home) REFERENCES branches (code) ON UPDATE CASCADE,
  CONSTRAINT member_guest FOREIGN KEY (invited_by) REFERENCES members (member_id) ON DELETE SET NULL
) AUTO_INCREMENT = 500;

CREATE TABLE titles (
  isbn CHAR(13) NOT NULL,
  title VARCHAR(200) NOT NULL,
  about TEXT,
  price DECIMAL(6, 2) NOT NULL DEFAULT 12.50,
  shelf_marks SET('new', 'large print', 'signed') DEFAULT NULL,
  PRIMARY KEY (isbn),
  FULLTEXT KEY words (title, about)
);

CREATE TABLE copies (
  isbn CHAR(13) NOT NULL,
  branch CHAR(4) NOT NULL,
  copies TINYINT UNSIGNED NOT NULL DEFAULT 1,
  PRIMARY KEY (isbn, branch),
  CONSTRAINT copy_of FOREIGN KEY (isbn) REFERENCES titles (isbn) ON DELETE CASCADE,
  CONSTRAINT copy_at FOREIGN KEY (branch) REFERENCES branches (code)
);

CREATE TABLE loans (
  loan_id BIGINT NOT NULL AUTO_INCREMENT,
  member_id INT UNSIGNED NOT NULL,
  isbn CHAR(13) NOT NULL,
  branch CHAR(4) NOT NULL,
  lent DATETIME NOT NULL,
  returned DATETIME DEFAULT NULL,
  note VARCHAR(200) DEFAULT NULL,
  PRIMARY KEY (loan_id),
  UNIQUE KEY (member_id, isbn, lent),
  CONSTRAINT loan_by FOREIGN KEY (member_id) REFERENCES members (member_id),
  CONSTRAINT loan_of FOREIGN KEY (isbn, branch) REFERENCES copies (isbn, branch)
);

CREATE TABLE journal (
  entry_id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  what VARCHAR(80) NOT NULL,
  how_many INT NOT NULL DEFAULT 0
);

DELIMITER //

-- Compares its parameter with a column.
CREATE FUNCTION branch_title(wanted CHAR(4)) RETURNS VARCHAR(40)
READS SQL DATA
BEGIN
  RETURN (SELECT title FROM branches WHERE code = wanted);
END //

-- Compares a variable with a column, and calls the function before.
CREATE FUNCTION busiest_branch(which VARCHAR(20)) RETURNS VARCHAR(60)
READS SQL DATA
BEGIN
  DECLARE best CHAR(4);
  DECLARE wanted VARCHAR(20) DEFAULT LOWER(which);
  SELECT home INTO best FROM members WHERE kind = wanted GROUP BY home ORDER BY COUNT(*) DESC, home LIMIT 1;
  IF best IS NULL THEN
    RETURN 'none; nobody';
  END IF;
  RETURN CONCAT(branch_title(best), ' (', (SELECT city FROM branches WHERE code = best), ')');
END //

CREATE FUNCTION is_overdue(lent DATETIME, returned DATETIME) RETURNS TINYINT
DETERMINISTIC
RETURN returned IS NULL AND lent < '2019-02-01'//

CREATE PROCEDURE count_loans(IN of_branch CHAR(4), OUT counted INT, OUT told TEXT)
READS SQL DATA
BEGIN
  SELECT COUNT(*) INTO counted FROM loans WHERE branch = of_branch;
  SET told = CONCAT(of_branch, ': ', counted);
END //

CREATE PROCEDURE review_members()
MODIFIES SQL DATA
BEGIN
  DECLARE finished INT DEFAULT 0;
  DECLARE kind_now VARCHAR(20);
  DECLARE kinds CURSOR FOR SELECT DISTINCT kind FROM members ORDER BY kind;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET finished = 1;
  CREATE TEMPORARY TABLE review (kind VARCHAR(20), busiest VARCHAR(60));
  OPEN kinds;
  reading: LOOP
    FETCH kinds INTO kind_now;
    IF finished THEN
      LEAVE reading;
    END IF;
    INSERT INTO review VALUES (kind_now, busiest_branch(kind_now));
  END LOOP;
  CLOSE kinds;
  SELECT m.member_id, r.busiest FROM members m JOIN review r ON r.kind = m.kind;
  DROP TEMPORARY TABLE review;
END //

-- A trigger with a variable, a function and a procedure's work in it.
CREATE TRIGGER loans_checked BEFORE INSERT ON loans FOR EACH ROW
BEGIN
  DECLARE at_home VARCHAR(60);
  SET at_home = (SELECT branch_title(home) FROM members WHERE member_id = NEW.member_id);
  IF NEW.note IS NULL AND at_home <> branch_title(NEW.branch) THEN
    SET NEW.note = 'away; lent elsewhere';
  END IF;
END //

CREATE TRIGGER loans_noted AFTER INSERT ON loans FOR EACH ROW
  INSERT INTO journal (what, how_many) VALUES (CONCAT('lent ', NEW.isbn), 1) //

CREATE TRIGGER loans_forgotten AFTER DELETE ON loans FOR EACH ROW
BEGIN
  INSERT INTO journal (what) VALUES ('deleted');
  INSERT INTO journal (what) VALUES ('and noted');
END //

CREATE TRIGGER members_kept BEFORE DELETE ON members FOR EACH ROW
  INSERT INTO journal (what) VALUES (CONCAT('member left: ', OLD.kind)) //

CREATE EVENT tidy_journal ON SCHEDULE EVERY 1 YEAR STARTS '2035-01-01 00:00:00' COMMENT 'it''s yearly'
  DO DELETE FROM journal WHERE what = CAST('deleted' AS CHAR(20)) //

DELIMITER ;

CREATE VIEW z_branch_loans AS
  SELECT b.code, branch_title(b.code) AS title, COUNT(l.loan_id) AS loans, SUM(is_overdue(l.lent, l.returned)) AS overdue
  FROM branches b LEFT JOIN loans l ON l.branch = b.code GROUP BY b.code;

CREATE VIEW m_member_names AS
  SELECT member_id, CONCAT(given_name, ' ', family_name) AS name, home, branch_title(home) AS home_title FROM members
  WHERE branch_title(home) <> 'none';

CREATE SQL SECURITY INVOKER VIEW a_overview AS
  SELECT n.name, z.title, z.loans, IF(z.title = n.home_title, 'same', 'other') AS told
  FROM m_member_names n JOIN z_branch_loans z ON z.code = n.home;

CREATE VIEW labelled AS SELECT isbn, 'a; label' AS label FROM titles WHERE title <> 'none' UNION SELECT code, title FROM branches;
