/*M!999999\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: 127.0.0.1    Database: shop
-- ------------------------------------------------------
-- Server version	10.11.19-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;

--
-- Table structure for table `audit`
--

DROP TABLE IF EXISTS `audit`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `audit` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `definer` varchar(20) DEFAULT NULL,
  `what` text DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `audit`
--

LOCK TABLES `audit` WRITE;
/*!40000 ALTER TABLE `audit` DISABLE KEYS */;
/*!40000 ALTER TABLE `audit` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `companies`
--

DROP TABLE IF EXISTS `companies`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `companies` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `parent_id` int(11) DEFAULT NULL,
  `name` varchar(100) NOT NULL COMMENT 'the `shop`.`companies` name; DEFINER=`root`@`%` -- no comment',
  PRIMARY KEY (`id`),
  KEY `parent_id` (`parent_id`),
  CONSTRAINT `companies_ibfk_1` FOREIGN KEY (`parent_id`) REFERENCES `companies` (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `companies`
--

LOCK TABLES `companies` WRITE;
/*!40000 ALTER TABLE `companies` DISABLE KEYS */;
INSERT INTO `companies` VALUES (1,NULL,'shop');
INSERT INTO `companies` VALUES (2,1,'USE shop;');
/*!40000 ALTER TABLE `companies` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Temporary table structure for view `company_names`
--

DROP TABLE IF EXISTS `company_names`;
/*!50001 DROP VIEW IF EXISTS `company_names`*/;
SET @saved_cs_client     = @@character_set_client;
SET character_set_client = utf8mb4;
/*!50001 CREATE VIEW `company_names` AS SELECT
 NULL AS `id`,
 NULL AS `name`,
 NULL AS `trimmed`,
 NULL AS `text` */;
SET character_set_client = @saved_cs_client;

--
-- Table structure for table `odd ``name; 'x" --`
--

DROP TABLE IF EXISTS `odd ``name; 'x" --`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `odd ``name; 'x" --` (
  `a``b;` int(11) NOT NULL,
  `select` varchar(20) DEFAULT 'USE x;',
  PRIMARY KEY (`a``b;`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `odd ``name; 'x" --`
--

LOCK TABLES `odd ``name; 'x" --` WRITE;
/*!40000 ALTER TABLE `odd ``name; 'x" --` DISABLE KEYS */;
INSERT INTO `odd ``name; 'x" --` VALUES (-1,'--');
INSERT INTO `odd ``name; 'x" --` VALUES (2,'/*');
/*!40000 ALTER TABLE `odd ``name; 'x" --` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `tokens`
--

DROP TABLE IF EXISTS `tokens`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `tokens` (
  `id` int(11) NOT NULL,
  `token` varchar(100) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `tokens`
--

LOCK TABLES `tokens` WRITE;
/*!40000 ALTER TABLE `tokens` DISABLE KEYS */;
INSERT INTO `tokens` VALUES (1,'secret');
/*!40000 ALTER TABLE `tokens` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `users`
--

DROP TABLE IF EXISTS `users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `users` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `company_id` int(11) DEFAULT NULL,
  `note` text DEFAULT NULL,
  `data` longblob DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `users_company` (`company_id`),
  CONSTRAINT `users_company` FOREIGN KEY (`company_id`) REFERENCES `companies` (`id`) ON DELETE SET NULL
) ENGINE=InnoDB AUTO_INCREMENT=15 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `users`
--

LOCK TABLES `users` WRITE;
/*!40000 ALTER TABLE `users` DISABLE KEYS */;
INSERT INTO `users` VALUES (1,1,'shop','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (2,1,'USE production;','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (3,1,'\';\nUSE production;\n-- ','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (4,1,'INSERT INTO `shop`.`users` VALUES (1);','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (5,1,'\\','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (6,1,'\\\'','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (7,1,'it\'s \"quoted\" and `shop`.`users`','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (8,1,'/* open; /*!50003 DEFINER=`root`@`%` */','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (9,1,'*/ DELIMITER ;;\n;;\nDELIMITER ;','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (10,1,'-- Dump completed on 2026-01-01','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (11,1,'# not; a comment','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (12,1,'\0\n\r	\Z%_','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (13,1,'å±±ç”°å¤ªéƒ ğŸ˜€ Ã©','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
INSERT INTO `users` VALUES (14,1,'','\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ\'\\‘Æû0ešÏ9n£Ø\rBw¬áK€µêT‰¾ó(]’Çü1f›Ğ:o¤ÙCx­âL¶ë UŠ¿ô)^“Èı2gœÑ;p¥ÚDy®ãM‚·ì!V‹Àõ*_”Éş3hÒ<q¦ÛEz¯äNƒ¸í\"WŒÁö+`•Êÿ4iÓ=r§ÜF{°å\ZO„¹î#XÂ÷,a–Ë\05jŸÔ	>s¨İG|±æP…ºï$YÃø-b—Ì6k Õ\n?t©ŞH}²çQ†»ğ%ZÄù.c˜Í7l¡Ö@uªßI~³èR‡¼ñ&[Åú/d™Î8m¢×Av«àJ´éSˆ½ò\\\'\\\\\'\'\\\"\';\n');
/*!40000 ALTER TABLE `users` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_client  = utf8mb4 */ ;
/*!50003 SET character_set_results = utf8mb4 */ ;
/*!50003 SET collation_connection  = utf8mb4_general_ci */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER users_audit AFTER INSERT ON shop.users FOR EACH ROW
      BEGIN
        IF NEW.note <> 'x;' THEN INSERT INTO shop.audit (definer, what) VALUES ('trigger', 'one; more'); END IF;
      END 
*/;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;

--
-- Temporary table structure for view `view; of views`
--

DROP TABLE IF EXISTS `view; of views`;
/*!50001 DROP VIEW IF EXISTS `view; of views`*/;
SET @saved_cs_client     = @@character_set_client;
SET character_set_client = utf8mb4;
/*!50001 CREATE VIEW `view; of views` AS SELECT
 NULL AS `id`,
 NULL AS `name`,
 NULL AS `trimmed`,
 NULL AS `text`,
 NULL AS `tokens` */;
SET character_set_client = @saved_cs_client;

--
-- Dumping events for database 'shop'
--
/*!50106 SET @save_time_zone= @@TIME_ZONE */ ;
/*!50106 DROP EVENT IF EXISTS `nightly` */;
DELIMITER ;;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;;
/*!50003 SET character_set_client  = utf8mb4 */ ;;
/*!50003 SET character_set_results = utf8mb4 */ ;;
/*!50003 SET collation_connection  = utf8mb4_general_ci */ ;;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ ;;
/*!50003 SET @saved_time_zone      = @@time_zone */ ;;
/*!50003 SET time_zone             = '+00:00' */ ;;
/*!50106 CREATE*/ /*!50117 DEFINER=`root`@`localhost`*/ /*!50106 EVENT `nightly` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION NOT PRESERVE DISABLE DO DELETE FROM shop.audit WHERE definer = 'event;' 
*/ ;;
/*!50003 SET time_zone             = @saved_time_zone */ ;;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;;
/*!50003 SET character_set_client  = @saved_cs_client */ ;;
/*!50003 SET character_set_results = @saved_cs_results */ ;;
/*!50003 SET collation_connection  = @saved_col_connection */ ;;
DELIMITER ;
/*!50106 SET TIME_ZONE= @save_time_zone */ ;

--
-- Dumping routines for database 'shop'
--
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ ;
/*!50003 DROP FUNCTION IF EXISTS `company_count` */;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_client  = utf8mb4 */ ;
/*!50003 SET character_set_results = utf8mb4 */ ;
/*!50003 SET collation_connection  = utf8mb4_general_ci */ ;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` FUNCTION `company_count`(minimum INT) RETURNS int(11)
    READS SQL DATA
    COMMENT 'it''s; a `shop` thing'
BEGIN
        DECLARE text TEXT DEFAULT 'USE production; -- it''s';
        -- a comment with a quote: it's ; here
        RETURN (SELECT COUNT(*) FROM `shop`.companies c WHERE c.id >= minimum);
      END
;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ ;
/*!50003 DROP PROCEDURE IF EXISTS `note_all` */;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_client  = utf8mb4 */ ;
/*!50003 SET character_set_results = utf8mb4 */ ;
/*!50003 SET collation_connection  = utf8mb4_general_ci */ ;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` PROCEDURE `note_all`(OUT counted INT)
    MODIFIES SQL DATA
BEGIN
        /* another; comment with a quote: " */
        INSERT INTO shop . audit (what) SELECT shop.users.note FROM shop.users WHERE users.note <> 'x''; \\';
        UPDATE shop.audit a, shop.users u SET a.what = 'done', a.definer = 'me' WHERE a.id = u.id AND definer = 'you';
        SELECT shop.company_count(0) INTO counted;
      END
;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;

--
-- Final view structure for view `company_names`
--

/*!50001 DROP VIEW IF EXISTS `company_names`*/;
/*!50001 SET @saved_cs_client          = @@character_set_client */;
/*!50001 SET @saved_cs_results         = @@character_set_results */;
/*!50001 SET @saved_col_connection     = @@collation_connection */;
/*!50001 SET character_set_client      = utf8mb4 */;
/*!50001 SET character_set_results     = utf8mb4 */;
/*!50001 SET collation_connection      = utf8mb4_general_ci */;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `company_names` AS select `u`.`id` AS `id`,`c`.`name` AS `name`,trim(both 'x' from `c`.`name`) AS `trimmed`,'shop.users' AS `text` from (`users` `u` join `companies` `c` on(`c`.`id` = `u`.`company_id`)) */;
/*!50001 SET character_set_client      = @saved_cs_client */;
/*!50001 SET character_set_results     = @saved_cs_results */;
/*!50001 SET collation_connection      = @saved_col_connection */;

--
-- Final view structure for view `view; of views`
--

/*!50001 DROP VIEW IF EXISTS `view; of views`*/;
/*!50001 SET @saved_cs_client          = @@character_set_client */;
/*!50001 SET @saved_cs_results         = @@character_set_results */;
/*!50001 SET @saved_col_connection     = @@collation_connection */;
/*!50001 SET character_set_client      = utf8mb4 */;
/*!50001 SET character_set_results     = utf8mb4 */;
/*!50001 SET collation_connection      = utf8mb4_general_ci */;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY INVOKER */
/*!50001 VIEW `view; of views` AS select `n`.`id` AS `id`,`n`.`name` AS `name`,`n`.`trimmed` AS `trimmed`,`n`.`text` AS `text`,(select count(0) from `tokens`) AS `tokens` from `company_names` `n` */;
/*!50001 SET character_set_client      = @saved_cs_client */;
/*!50001 SET character_set_results     = @saved_cs_results */;
/*!50001 SET collation_connection      = @saved_col_connection */;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-11-22 17:43:05
