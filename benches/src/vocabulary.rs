//! The words that generated texts are made of.

use std::collections::HashSet;

use crate::generated_text::Script;
use crate::random::Random;

/// Words of a vocabulary.
const WORDS: usize = 4000;

/// A share of Zipf's law: the word of rank r has this weight, divided by r.
const FIRST_WEIGHT: u64 = 1 << 32;

/// Words of one script by falling frequency, as Zipf's law has it: the second word comes half as often as the first, the third
/// a third as often.
///
/// The first ones are everyday words, the others are made of syllables. A tokenizer remembers words, so that it is as fast on
/// a text as the text's words are common: neither one sentence over and over nor words that all differ would show that.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    words: Vec<String>,
    /// The weights of each word and of all before it, together.
    weights: Vec<u64>,
}

impl Vocabulary {
    /// The vocabulary of a script, always the same.
    #[must_use]
    pub fn of(script: Script) -> Self {
        let Elements { everyday, syllables, most_syllables } = Elements::of(script);
        let mut random = Random::new(0x_B0CA_B01A ^ script as u64);
        let mut words: Vec<String> = everyday.split_whitespace().map(str::to_owned).collect();
        let mut known: HashSet<String> = words.iter().cloned().collect();
        while words.len() < WORDS {
            let word = made_up(&mut random, &syllables, most_syllables);
            if known.insert(word.clone()) {
                words.push(word);
            }
        }
        let mut sum = 0;
        let weights = (1..).take(words.len()).map(|rank| {
            sum += FIRST_WEIGHT / rank;
            sum
        });
        let weights = weights.collect();
        Self { words, weights }
    }

    /// A word, common ones more often.
    pub fn word(&self, random: &mut Random) -> &str {
        let all = self.weights.last().copied().unwrap_or_default();
        let at = random.next_u64() % all;
        &self.words[self.weights.partition_point(|&weight| weight <= at)]
    }
}

/// A word of a script that is in no vocabulary, unless by chance.
#[must_use]
pub fn new_word(script: Script, random: &mut Random) -> String {
    let Elements { syllables, most_syllables, .. } = Elements::of(script);
    let mut word = made_up(random, &syllables, most_syllables);
    for _ in 0..2 {
        word.push_str(&made_up(random, &syllables, most_syllables));
    }
    word
}

fn made_up(random: &mut Random, syllables: &[&str], most_syllables: usize) -> String {
    let count = 1 + random.below(most_syllables);
    (0..count).map(|_| *random.choose(syllables)).collect()
}

/// What the words of a script are made of.
struct Elements {
    /// Everyday words.
    everyday: &'static str,
    /// For the others.
    syllables: Vec<&'static str>,
    most_syllables: usize,
}

impl Elements {
    fn of(script: Script) -> Self {
        let (everyday, syllables, most_syllables) = match script {
            Script::Latin => (
                "the a of to and in is it on for with at was as we this are our by from they at nine library opens bus late \
                 garden soup bread window rain morning evening table chair kitchen river bridge train station ticket choir \
                 rehearsal bicycle market apples pears carrots recipe book novel chapter teacher school lesson homework holiday \
                 weather cloud sunny umbrella coat shoes laundry kettle tea coffee cup plate neighbour street lamp park bench",
                "ba den fi gor la mi nu pel ra sol ta ven wi ho ki tre",
                4,
            ),
            Script::Cyrillic => (
                "и в на не с по у для от из к за мы это что как библиотека открыта утра автобус опоздал сад суп хлеб окно дождь \
                 утро вечер стол стул кухня река мост поезд вокзал билет хор репетиция велосипед рынок яблоки груши морковь \
                 рецепт книга роман глава учитель школа урок каникулы погода облако зонт пальто чайник чай кофе чашка тарелка \
                 сосед улица фонарь парк скамейка",
                "ба ве до жи ка ле мо ни по ра со ту хо ча ше ля",
                4,
            ),
            Script::Arabic => (
                "في من على إلى عن مع هذا هذه كان هو هي المكتبة تفتح صباحا الحافلة تأخرت حديقة حساء خبز نافذة مطر صباح مساء طاولة \
                 كرسي مطبخ نهر جسر قطار محطة تذكرة دراجة سوق تفاح كمثرى جزر وصفة كتاب رواية فصل معلم مدرسة درس عطلة طقس \
                 سحابة مظلة معطف إبريق شاي قهوة كوب طبق جار شارع مصباح",
                "با تا را سا لو مي نو دي كا في ها شم قر جي زي طا",
                4,
            ),
            Script::Chinese => (
                "的 是 在 了 我们 这 有 和 图书馆 九点 开门 公共汽车 晚点 花园 汤 面包 窗户 下雨 早上 晚上 桌子 椅子 厨房 河 桥 火车 \
                 车站 车票 合唱团 排练 自行车 市场 苹果 梨 胡萝卜 菜谱 书 小说 老师 学校 课 作业 假期 天气 云 雨伞 大衣 茶 咖啡 杯子 \
                 盘子 邻居 街道 路灯 公园",
                "天 地 水 山 花 树 书 门 米 果 茶 春 秋 早 晚 红 白 青 新 老 大 小 长 东 西 南 北 里 外 田 园 林",
                3,
            ),
        };
        Self { everyday, syllables: syllables.split_whitespace().collect(), most_syllables }
    }
}
