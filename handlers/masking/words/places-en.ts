// Cities, and what street lines are made of, in English. ASCII alone fits every column.
import { everyPair, wordsOf } from "./list.ts";

export const CITIES = wordsOf(`
Aberdeen Adelaide Akron Albany Albuquerque Amarillo Anchorage Ashford Athens Atlanta Auckland Augusta Austin Bakersfield Baltimore
Bath Baton_Rouge Bedford Belfast Bellevue Bendigo Billings Birmingham Blackburn Boise Bolton Boston Boulder Bournemouth Bradford
Brighton Brisbane Bristol Buffalo Burlington Burnley Cairns Calgary Cambridge Canberra Canterbury Cardiff Carlisle Charleston
Charlotte Chelmsford Chester Chicago Christchurch Cincinnati Cleveland Colchester Columbia Columbus Cork Coventry Crawley Dallas
Darlington Dartford Darwin Dayton Denver Derby Detroit Doncaster Dover Dublin Duluth Dundee Dunedin Durham Edinburgh Edmonton
El_Paso Eugene Exeter Fargo Fort_Worth Fresno Galway Geelong Glasgow Gloucester Grimsby Guildford Halifax Hamilton Harrogate
Hartford Hastings Helena Hereford Hobart Honolulu Houston Huntsville Indianapolis Inverness Ipswich Jackson Jacksonville Kansas_City
Kingston Knoxville Lancaster Lansing Launceston Leeds Leicester Lexington Limerick Lincoln Little_Rock Liverpool London Louisville
Lubbock Luton Madison Maidstone Manchester Melbourne Memphis Miami Milwaukee Minneapolis Mobile Montgomery Montreal Napier Nashville
Nelson New_Orleans Newcastle Newport Norfolk Northampton Norwich Nottingham Oakland Oldham Olympia Omaha Orlando Ottawa Oxford
Paisley Perth Peterborough Philadelphia Phoenix Pittsburgh Plymouth Portland Portsmouth Preston Providence Quebec Raleigh Reading
Regina Reno Richmond Rochdale Rochester Rockford Sacramento Salem Salisbury San_Antonio San_Diego San_Jose Santa_Fe Savannah
Scranton Seattle Sheffield Shreveport Southampton Southend Spokane Springfield St_Albans St_Louis Stafford Stockport Stockton
Sunderland Swansea Swindon Sydney Syracuse Tacoma Tallahassee Tampa Taunton Telford Toledo Topeka Toronto Torquay Truro Tucson
Tulsa Vancouver Victoria Waco Wakefield Warrington Waterford Wellington Wichita Wigan Wilmington Winchester Winnipeg Wolverhampton
Worcester Yonkers York
`);

const NAMES = wordsOf(`
Abbey Acacia Albert Alder Alma Ash Aspen Bank Baker Bay Beach Beech Birch Bridge Broad Brook Camden Canal Castle Cedar Chapel
Charles Cherry Chestnut Church Clarence Cliff College Cooper Cottage Cross Crown Dale Dean Derby Duke East Edward Elm Fairview
Farm Ferry Field Forest Fountain Franklin Garden George Gladstone Glen Grange Granville Green Grove Hall Harbour Hawthorn Hazel
Heath Henry High Highland Hill Hillside Holly Hope Howard Jackson Jefferson John Jubilee Kent King Lake Lakeview Laurel Lime
Lincoln Linden London Low Madison Main Manor Maple Market Marsh Meadow Mill Mission Monroe Moor Mount Nelson New Norfolk North
Northfield Oak Oakwood Orchard Oxford Palm Park Pearl Pine Pleasant Poplar Princess Prospect Quarry Queen Railway Raven Rectory
Regent Richmond Ridge River Riverside Rose Rowan Russell School Smith South Spring Spruce Stanley Station Stone Summit Sunset
Sussex Sycamore Temple Thomas Thornhill Tower Union Upper Vale Valley Vernon Vicarage Victoria View Vine Walnut Washington Water
Waterloo Wellington West Westfield Willow Wilson Windmill Windsor Wood Woodland Woodside York
`);

const KINDS = wordsOf("Street Road Avenue Lane Drive Close Court Way Place Terrace");

/** Of one list a whole street is drawn by one keyed hash, and of two it would take two. */
export const STREETS = everyPair(NAMES, KINDS);
