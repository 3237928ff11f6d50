// Orders, their lines, shipments and invoices.
import { type TableRows, words } from "../rows.ts";
import { rowRandom } from "../random.ts";
import { companyOf, day, linesOf, moment, money, type Shop, userOf } from "../shop.ts";
import { price, PRODUCT_COUNT, sku } from "./reference.ts";

/** Who ordered: asked by the order and by its invoice, so it depends on the order's id alone. */
function buyer(order: number, shop: Shop): number {
  return userOf(companyOf(order, shop), rowRandom(0, 0, order), shop);
}

export function orders(shop: Shop): TableRows {
  return {
    table: "orders",
    columns: words("id company_id user_id number status total note placed_at updated_at"),
    count: shop.orders,
    rows: (id, random) => {
      const { name, phone, email } = shop.who(buyer(id, shop));
      const notes = [`Call ${name} on ${phone} before delivery.`, `Copy to ${email};\n'thanks' \\o/`] as const;
      return [
        [
          id,
          companyOf(id, shop),
          buyer(id, shop),
          `${shop.prefix}SO-${String(id).padStart(8, "0")}`,
          random.pick(["cart", "paid", "shipped", "returned"]),
          money(random, 90_000),
          random.oneIn(5) ? random.pick(notes) : null,
          `${moment(random)}.${100 + random.below(900)}`,
          moment(random),
        ],
      ];
    },
  };
}

export function orderItems(shop: Shop): TableRows {
  return {
    table: "order_items",
    columns: words("order_id line_no sku quantity unit_price discount"),
    count: shop.orders,
    rows: (order, random) =>
      Array.from({ length: linesOf(order) }, (_, line) => {
        const product = 1 + random.below(PRODUCT_COUNT);
        return [order, line + 1, sku(product), 1 + random.below(12), price(product), random.oneIn(4) ? "0.1250" : "0"];
      }),
  };
}

export function shipments(shop: Shop): TableRows {
  return {
    table: "shipments",
    columns: words("id order_id line_no carrier tracking_code shipped_at"),
    count: shop.share(0.03),
    rows: (id, random) => {
      const order = 1 + ((id * 5) % shop.orders);
      const line = 1 + random.below(linesOf(order));
      const code = random.oneIn(5) ? null : `JP${random.below(1_000_000_000)}`;
      return [[id, order, line, random.pick(["ヤマト運輸", "DHL", "Royal Mail"]), code, moment(random)]];
    },
  };
}

export function invoices(shop: Shop): TableRows {
  return {
    table: "invoices",
    columns: words("id order_id number billing_name billing_email amount due_on paid_on"),
    count: Math.min(shop.share(0.05), shop.orders),
    rows: (id, random) => {
      const { name, email } = shop.who(buyer(id, shop));
      return [
        [
          id,
          id,
          `${shop.prefix}INV-${String(id).padStart(8, "0")}`,
          name,
          random.oneIn(4) ? email.toLowerCase() : email, // the same person, written otherwise
          money(random, 90_000),
          day(random),
          random.oneIn(3) ? "0000-00-00" : day(random),
        ],
      ];
    },
  };
}
