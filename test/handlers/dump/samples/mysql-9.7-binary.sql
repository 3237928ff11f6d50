-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)
--
-- Host: 127.0.0.1    Database: shop
-- ------------------------------------------------------
-- Server version	9.7.4-2

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;

--
-- GTID state at the beginning of the backup 
--

SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '9b2144cb-e697-11f1-96ef-02fc00000001:1-355';

--
-- Current Database: `shop`
--

CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci */ /*!80016 DEFAULT ENCRYPTION='N' */;

USE `shop`;

--
-- Table structure for table `audit`
--

DROP TABLE IF EXISTS `audit`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `audit` (
  `id` int NOT NULL AUTO_INCREMENT,
  `definer` varchar(20) COLLATE utf8mb4_general_ci DEFAULT NULL,
  `what` text COLLATE utf8mb4_general_ci,
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
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `companies` (
  `id` int NOT NULL AUTO_INCREMENT,
  `parent_id` int DEFAULT NULL,
  `name` varchar(100) COLLATE utf8mb4_general_ci NOT NULL COMMENT 'the `shop`.`companies` name; DEFINER=`root`@`%` -- no comment',
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
INSERT INTO `companies` (`id`, `parent_id`, `name`) VALUES (1,NULL,'shop'),(2,1,'USE shop;');
/*!40000 ALTER TABLE `companies` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Temporary view structure for view `company_names`
--

DROP TABLE IF EXISTS `company_names`;
/*!50001 DROP VIEW IF EXISTS `company_names`*/;
SET @saved_cs_client     = @@character_set_client;
/*!50503 SET character_set_client = utf8mb4 */;
/*!50001 CREATE VIEW `company_names` AS SELECT 
 1 AS `id`,
 1 AS `name`,
 1 AS `trimmed`,
 1 AS `text`*/;
SET character_set_client = @saved_cs_client;

--
-- Table structure for table `odd ``name; 'x" --`
--

DROP TABLE IF EXISTS `odd ``name; 'x" --`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `odd ``name; 'x" --` (
  `a``b;` int NOT NULL,
  `select` varchar(20) COLLATE utf8mb4_general_ci DEFAULT 'USE x;',
  PRIMARY KEY (`a``b;`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `odd ``name; 'x" --`
--

LOCK TABLES `odd ``name; 'x" --` WRITE;
/*!40000 ALTER TABLE `odd ``name; 'x" --` DISABLE KEYS */;
INSERT INTO `odd ``name; 'x" --` (`a``b;`, `select`) VALUES (-1,'--'),(2,'/*');
/*!40000 ALTER TABLE `odd ``name; 'x" --` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `tokens`
--

DROP TABLE IF EXISTS `tokens`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `tokens` (
  `id` int NOT NULL,
  `token` varchar(100) COLLATE utf8mb4_general_ci DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `tokens`
--

LOCK TABLES `tokens` WRITE;
/*!40000 ALTER TABLE `tokens` DISABLE KEYS */;
INSERT INTO `tokens` (`id`, `token`) VALUES (1,'secret');
/*!40000 ALTER TABLE `tokens` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `users`
--

DROP TABLE IF EXISTS `users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `users` (
  `id` int NOT NULL AUTO_INCREMENT,
  `company_id` int DEFAULT NULL,
  `note` text COLLATE utf8mb4_general_ci,
  `data` longblob,
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
INSERT INTO `users` (`id`, `company_id`, `note`, `data`) VALUES (1,1,'shop',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(2,1,'USE production;',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(3,1,'\';\nUSE production;\n-- ',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(4,1,'INSERT INTO `shop`.`users` VALUES (1);',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(5,1,'\\',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(6,1,'\\\'',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(7,1,'it\'s \"quoted\" and `shop`.`users`',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(8,1,'/* open; /*!50003 DEFINER=`root`@`%` */',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(9,1,'*/ DELIMITER ;;\n;;\nDELIMITER ;',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(10,1,'-- Dump completed on 2026-01-01',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(11,1,'# not; a comment',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(12,1,'\0\n\r	\Z%_',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(13,1,'å±±ç”°å¤ªéƒ ğŸ˜€ Ã©',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n'),(14,1,'',_binary '\0	\n\r\Z !\"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸ ¡¢£¤¥¦§¨©ª«¬­®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁ\Â\Ã\Ä\Å\Æ\Ç\È\É\Ê\Ë\Ì\Í\Î\Ï\Ğ\Ñ\Ò\Ó\Ô\Õ\Ö\×\Ø\Ù\Ú\Û\Ü\İ\Ş\ß\à\á\â\ã\ä\å\æ\ç\è\é\ê\ë\ì\í\î\ï\ğ\ñ\ò\ó\ô\õ\ö\÷øùúûüışÿ\'\\‘\Æû0eš\Ï9n£\Ø\rBw¬\áK€µ\êT‰¾\ó(]’\Çü1f›\Ğ:o¤\ÙCx­\âL¶\ë UŠ¿\ô)^“\Èı2gœ\Ñ;p¥\ÚDy®\ãM‚·\ì!V‹À\õ*_”\Éş3h\Ò<q¦\ÛEz¯\äNƒ¸\í\"WŒÁ\ö+`•\Êÿ4i\Ó=r§\ÜF{°\å\ZO„¹\î#X\Â\÷,a–\Ë\05jŸ\Ô	>s¨\İG|±\æP…º\ï$Y\Ãø-b—\Ì6k \Õ\n?t©\ŞH}²\çQ†»\ğ%Z\Äù.c˜\Í7l¡\Ö@uª\ßI~³\èR‡¼\ñ&[\Åú/d™\Î8m¢\×Av«\àJ´\éSˆ½\ò\\\'\\\\\'\'\\\"\';\n');
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
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `users_audit` AFTER INSERT ON `users` FOR EACH ROW BEGIN
        IF NEW.note <> 'x;' THEN INSERT INTO shop.audit (definer, what) VALUES ('trigger', 'one; more'); END IF;
      END */;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;

--
-- Temporary view structure for view `view; of views`
--

DROP TABLE IF EXISTS `view; of views`;
/*!50001 DROP VIEW IF EXISTS `view; of views`*/;
SET @saved_cs_client     = @@character_set_client;
/*!50503 SET character_set_client = utf8mb4 */;
/*!50001 CREATE VIEW `view; of views` AS SELECT 
 1 AS `id`,
 1 AS `name`,
 1 AS `trimmed`,
 1 AS `text`,
 1 AS `tokens`*/;
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
/*!50106 CREATE*/ /*!50117 DEFINER=`root`@`localhost`*/ /*!50106 EVENT `nightly` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION NOT PRESERVE DISABLE DO DELETE FROM shop.audit WHERE definer = 'event;' */ ;;
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
/*!50003 DROP FUNCTION IF EXISTS `company_count` */;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_client  = utf8mb4 */ ;
/*!50003 SET character_set_results = utf8mb4 */ ;
/*!50003 SET collation_connection  = utf8mb4_general_ci */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ ;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` FUNCTION `company_count`(minimum INT) RETURNS int
    READS SQL DATA
    COMMENT 'it''s; a `shop` thing'
BEGIN
        DECLARE text TEXT DEFAULT 'USE production; -- it''s';
        -- a comment with a quote: it's ; here
        RETURN (SELECT COUNT(*) FROM `shop`.companies c WHERE c.id >= minimum);
      END ;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;
/*!50003 DROP PROCEDURE IF EXISTS `note_all` */;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_client  = utf8mb4 */ ;
/*!50003 SET character_set_results = utf8mb4 */ ;
/*!50003 SET collation_connection  = utf8mb4_general_ci */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ ;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` PROCEDURE `note_all`(OUT counted INT)
    MODIFIES SQL DATA
BEGIN
        /* another; comment with a quote: " */
        INSERT INTO shop . audit (what) SELECT shop.users.note FROM shop.users WHERE users.note <> 'x''; \\';
        UPDATE shop.audit a, shop.users u SET a.what = 'done', a.definer = 'me' WHERE a.id = u.id AND definer = 'you';
        SELECT shop.company_count(0) INTO counted;
      END ;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;

--
-- Current Database: `shop`
--

USE `shop`;

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
/*!50001 VIEW `company_names` AS select `u`.`id` AS `id`,`c`.`name` AS `name`,trim(both 'x' from `c`.`name`) AS `trimmed`,'shop.users' AS `text` from (`users` `u` join `companies` `c` on((`c`.`id` = `u`.`company_id`))) */;
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
SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-11-22 17:43:05
