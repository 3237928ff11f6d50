// Words that say nothing, for made-up prose.
import { wordsOf } from "./list.ts";

/** There is one of every length up to eleven, so that any gap can be filled. */
export const LATIN = wordsOf(`
lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua a
enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in
reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt
culpa qui officia deserunt mollit anim id est laborum perspiciatis unde omnis iste natus error accusantium doloremque e
laudantium totam rem aperiam eaque ipsa quae ab illo inventore veritatis quasi architecto beatae vitae dicta explicabo
nemo ipsam quia voluptas aspernatur aut odit fugit consequuntur magni dolores eos ratione sequi nesciunt neque porro
`);

/** Parts of sentences that may follow one another. */
export const JAPANESE = wordsOf(`
これは 仮の 文章 です。 実際の 内容 ではなく、 文字の 長さ だけを 残しました。 ここには 意味の ない 言葉が 並び、 読んでも
何も 分かりません。 春の 風が 静かに 吹き、 遠くの 山に 白い 雲が 流れて いきます。 朝の 光が 窓から 入り、 部屋の 隅まで 明るく
照らします。 小さな 川の 水は とても 冷たく、 魚が ゆっくりと 泳いで います。 町の 通りには 古い 店が 続き、 人々が 歩いて
いました。 夜に なると 星が 見え、 虫の 声が 聞こえて きます。 海の 向こうに 船が 一つ 浮かび、 鳥が 高く 飛んで いきました。
`);
