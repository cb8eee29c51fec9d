/**
 * The service line that Rev.io opens for each device: part of step 3.
 */
import { fill, h } from "../dom.js";
import { checkbox, field, input, radios } from "../form.js";

/** Answers `{element, show(), faults(faults)}`. */
export function serviceOptions(run) {
  const typed = (name, label, hint, properties = {}) =>
    field({ label, hint, control: input({ ...properties, oninput: (event) => run.change({ [name]: event.target.value }) }) });
  const number = { inputmode: "numeric", maxlength: 10 };
  const parts = {
    serviceTypeId: typed("serviceTypeId", "Service type id", "As Rev.io numbers it", number),
    providerId: typed("providerId", "Provider id", "As Rev.io numbers it", number),
    usagePlanGroupId: typed("usagePlanGroupId", "Usage plan group id", "Optional", number),
    activatedDate: typed("activatedDate", "Activated on", "The effective date when empty", { type: "date" }),
    description: typed("description", "Description", "Optional", { maxlength: 1000 }),
    revPackageId: typed("revPackageId", "Package id", "As Rev.io numbers it", number),
  };
  const prorate = checkbox({ label: "Bill the first month in part", onchange: () => run.change({ prorate: prorate.control.checked }) });
  const billed = radios({
    legend: "Billed by",
    value: run.draft.billed,
    options: [{ value: "products", label: "Products with rates" }, { value: "package", label: "A package" }],
    onchange: () => {
      run.change({ billed: billed.value() });
      show();
    },
  });
  const products = h("div", { class: "products" });
  const productsFault = h("p", { class: "bad", role: "alert", hidden: true });
  const productsPart = h("div", {}, products,
    h("button", { type: "button", onclick: () => changeProducts([...run.draft.products, { productId: "", rate: "" }]) }, "Add a product"), productsFault);
  let rows = [];

  const packagePart = h("div", { class: "fields" }, parts.revPackageId.element);

  const box = checkbox({
    label: "Create a Rev.io service line for each device",
    checked: run.draft.service,
    onchange: () => {
      run.change({ service: box.control.checked });
      show();
    },
  });
  const inner = h("div", { class: "inner stack" },
    h("div", { class: "fields" }, parts.serviceTypeId.element, parts.providerId.element, parts.usagePlanGroupId.element, parts.activatedDate.element),
    billed.element, productsPart, packagePart,
    h("div", { class: "fields" }, parts.description.element), prorate.element);
  const element = h("div", { class: "option" }, box.element, inner);

  function changeProducts(list) {
    run.change({ products: list });
    showProducts();
  }

  function showProducts() {
    const list = run.draft.products;
    const edit = (at, changes) => run.change({ products: run.draft.products.map((one, index) => (index === at ? { ...one, ...changes } : one)) });
    rows = list.map((product, at) => ({
      productId: field({ label: `Product id ${at + 1}`, control: input({ ...number, value: product.productId, oninput: (event) => edit(at, { productId: event.target.value }) }) }),
      rate: field({ label: `Rate ${at + 1}`, control: input({ inputmode: "decimal", maxlength: 17, value: product.rate, oninput: (event) => edit(at, { rate: event.target.value }) }) }),
    }));
    fill(products, rows.map((row, at) =>
      h("div", { class: "product" }, row.productId.element, row.rate.element,
        list.length > 1 && h("button", { type: "button", class: "quiet", "aria-label": `Remove product ${at + 1}`, onclick: () => changeProducts(run.draft.products.filter((_, index) => index !== at)) }, "✕"))));
  }

  function show() {
    const { draft } = run;
    for (const [name, part] of Object.entries(parts)) part.control.value = draft[name];
    box.control.checked = draft.service;
    inner.hidden = !draft.service;
    prorate.control.checked = draft.prorate;
    billed.choose(draft.billed);
    productsPart.hidden = draft.billed !== "products";
    packagePart.hidden = draft.billed !== "package";
    showProducts();
  }

  return {
    element,
    show,
    faults(faults) {
      for (const [name, part] of Object.entries(parts)) part.fault(faults[name] ?? "");
      for (const [at, row] of rows.entries()) {
        row.productId.fault(faults[`productId/${at}`] ?? "");
        row.rate.fault(faults[`rate/${at}`] ?? "");
      }
      fill(productsFault, faults.products ?? "");
      productsFault.hidden = !faults.products;
    },
  };
}
