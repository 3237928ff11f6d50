// Common given and family names of English speakers, and what company names are made of. ASCII alone fits every column.
import { everyPair, wordsOf } from "./list.ts";

export const FIRST_NAMES = wordsOf(`
Aaron Abigail Adam Adrian Agnes Aidan Alan Albert Alex Alexandra Alice Alison Amanda Amber Amy Andrea Andrew Angela Ann
Anna Anthony April Archie Arthur Ashley Audrey Austin Barbara Beatrice Benjamin Bernard Beth Beverly Blake Bradley Brandon
Brenda Brian Bruce Caleb Cameron Carl Carol Caroline Catherine Charles Charlotte Chloe Christian Christine Christopher Claire
Clara Colin Connor Craig Daisy Daniel David Dawn Dean Deborah Dennis Diana Donald Donna Dorothy Douglas Duncan Dylan Edith
Edward Eileen Elaine Eleanor Elizabeth Ella Ellen Emily Emma Eric Erin Ethan Evan Evelyn Faith Felix Fiona Florence Frances
Francis Frank Frederick Gabriel Gareth Gary Gavin Gemma Geoffrey George Georgia Gerald Gloria Gordon Grace Graham Grant
Gregory Hannah Harold Harriet Harry Hazel Heather Helen Henry Holly Howard Hugh Ian Irene Isaac Isabel Ivy Jack Jacob James
Jane Janet Jason Jean Jeffrey Jennifer Jeremy Jessica Jill Joan Joanna Joel John Jonathan Joseph Joshua Joyce Judith Julia
Julian June Justin Karen Karl Kate Katherine Kathleen Keith Kelly Kenneth Kevin Kimberly Kyle Laura Lauren Lawrence Leah
Leonard Lewis Liam Lillian Linda Lisa Logan Louis Louise Lucas Lucy Luke Lydia Malcolm Margaret Maria Marion Mark Martha
Martin Mary Mason Matthew Maurice Megan Melissa Michael Michelle Miles Molly Monica Morgan Nancy Naomi Natalie Nathan Neil
Nicholas Nicole Nigel Noah Nora Norman Oliver Olivia Oscar Owen Pamela Patricia Patrick Paul Paula Peter Philip Phoebe Rachel
Ralph Raymond Rebecca Richard Robert Robin Roger Ronald Rosemary Ross Roy Russell Ruth Ryan Sally Samantha Samuel Sandra Sara
Scott Sean Sharon Sheila Shirley Simon Sophie Stanley Stephanie Stephen Stuart Susan Sylvia Teresa Theodore Thomas Timothy
Tracy Trevor Tyler Valerie Vanessa Vera Victor Victoria Vincent Violet Virginia Walter Wendy William Yvonne Zachary Zoe
`);

export const LAST_NAMES = wordsOf(`
Adams Allen Anderson Andrews Armstrong Arnold Atkinson Austin Bailey Baker Ball Barker Barnes Barrett Barton Bates Baxter
Bell Bennett Berry Bishop Black Booth Bowen Boyd Bradley Brooks Brown Bryant Burgess Burke Burns Burton Butler Byrne Cameron
Campbell Carpenter Carr Carroll Carter Chambers Chapman Clark Clarke Coleman Collins Cook Cooper Cox Crawford Cross Cunningham
Curtis Dalton Davidson Davies Davis Dawson Day Dean Dixon Douglas Doyle Duncan Dunn Edwards Elliott Ellis Evans Farrell
Ferguson Fisher Fleming Fletcher Foster Fowler Fox Francis Franklin Fraser Freeman French Fuller Gallagher Gardner George
Gibbs Gibson Gilbert Gill Gordon Graham Grant Gray Green Greene Gregory Griffin Griffiths Hale Hall Hamilton Hansen Hardy
Harper Harris Harrison Hart Harvey Hawkins Hayes Henderson Henry Hicks Higgins Hill Holland Holmes Hopkins Howard Howe Hudson
Hughes Hunt Hunter Jackson James Jenkins Jennings Johnson Johnston Jones Jordan Kane Kelly Kemp Kennedy Kerr King Knight Lamb
Lambert Lane Lawrence Lawson Lee Lewis Lloyd Long Lowe Lucas Lynch MacDonald Mann Marsh Marshall Martin Mason Matthews May
McCarthy McDonald McKay McKenzie McLean Miller Mills Mitchell Moore Moran Morgan Morris Morrison Moss Murphy Murray Nash Nelson
Newman Newton Nichols Nolan Norris Norton Oliver Osborne Owen Page Palmer Parker Parsons Patterson Payne Pearce Pearson Perkins
Perry Peters Phillips Pierce Poole Porter Potter Powell Price Quinn Ramsay Randall Reed Reid Reynolds Rhodes Rice Richards
Richardson Riley Roberts Robertson Robinson Rogers Rose Ross Rowe Russell Ryan Sanders Saunders Schmidt Scott Sharp Shaw
Shepherd Simmons Simpson Sinclair Smith Snow Spencer Stephens Stevens Stewart Stone Sullivan Sutton Taylor Thomas Thompson
Thomson Thornton Tucker Turner Tyler Vaughan Wade Walker Wallace Walsh Walters Ward Warner Warren Watkins Watson Watts Weaver
Webb Webster Wells West Weston Wheeler White Whitehead Wilkins Williams Williamson Willis Wilson Winter Wood Woods Wright Young
`);

export const COMPANY_STEMS = wordsOf(`
Abbey Acorn Alder Alpine Amber Anchor Apex Arbor Argent Arrow Ashdown Aspen Atlas Aurora Avenue Beacon Birch Bluebell Bramble
Bridge Bright Broadleaf Brook Canyon Capital Cedar Central Century Chalk Cobalt Compass Copper Coral Cornerstone Crescent Crest
Crown Crystal Delta Drift Eagle Eastgate Echo Ember Emerald Evergreen Falcon Fern Field Firth Fjord Forge Foxglove Garnet Gate
Glacier Granite Greenway Grove Harbor Hawthorn Hazel Heath Heron Highland Hollow Horizon Indigo Island Ivory Jasper Juniper
Keystone Lakeside Larch Laurel Lighthouse Linden Lowland Lunar Magnolia Maple Marble Meadow Mercury Meridian Mill Mosaic Neptune
North Northgate Oak Oakridge Ocean Onyx Opal Orbit Orchard Osprey Pacific Peak Pearl Pebble Pine Pinnacle Pioneer Polar Poplar
Prairie Quarry Quartz Redwood Ridge River Robin Rowan Sable Sage Sandstone Sapphire Sequoia Sierra Silver Skylark Slate Solar
Southgate Spruce Star Sterling Stone Summit Sycamore Terrace Thistle Tidal Timber Topaz Tower Trail Trident Union Valley Vertex
Vista Wave Westgate Wharf Willow Windmill Woodland Wren Yarrow Zenith
`);

const TRADES = wordsOf(`
Analytics Bakery Bearings Books Builders Catering Ceramics Chemicals Cleaning Clothing Consulting Controls Dairy Design
Distribution Electronics Energy Engineering Estates Events Farms Filters Finance Fittings Foods Freight Furniture Gardens Glass
Holdings Hotels Instruments Insurance Interiors Joinery Kitchens Labs Lighting Logistics Machinery Marine Media Metals Motors
Optics Packaging Paper Partners Pharma Plastics Press Printing Products Properties Pumps Research Robotics Security Services
Shipping Software Solutions Sports Storage Studios Supplies Systems Textiles Timber Tools Toys Trading Training Travel Valves
Ventures Water Works
`);

const FORMS = wordsOf("Ltd Inc LLC Group Co.");

/** `Textiles Ltd`: drawn by one keyed hash, and not by two. */
export const COMPANY_TRADES = everyPair(TRADES, FORMS);
